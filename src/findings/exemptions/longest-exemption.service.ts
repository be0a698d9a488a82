import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BaselineService } from '../policies/baseline/baseline.service';

/** How long an exemption may last, as the platform's baseline says. */
@Injectable()
export class LongestExemption {
  constructor(private readonly baselines: BaselineService) {}

  /** In days from when it is made or extended; 365 where the platform has said nothing. */
  async days(manager: EntityManager): Promise<number> {
    const { baseline } = await this.baselines.current(manager);
    return baseline.maxExemptionDays;
  }
}
