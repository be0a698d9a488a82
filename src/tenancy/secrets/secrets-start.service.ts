import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataKeys } from './data-keys.service';
import { Resealing } from './resealing.service';

/** A process that could not open secrets does not start: better than one that fails at each of them. */
@Injectable()
export class SecretsStart implements OnApplicationBootstrap {
  constructor(
    private readonly keys: DataKeys,
    private readonly resealing: Resealing,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.keys.ready();
    await this.resealing.sealPlain();
  }
}
