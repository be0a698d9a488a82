import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput, DomainError } from '../errors';
import { newId } from '../ids';

export interface TenantRow {
  id: string;
  name: string;
  kind: 'platform' | 'customer';
  created_at: Date;
}

@Injectable()
export class TenantsService {
  /**
   * Makes a tenant; `manager` must be in the platform's tenant, which the database function checks again.
   * Throws BAD_INPUT, or ALREADY_EXISTS for a name that is taken without regard to case.
   */
  async create(manager: EntityManager, name: string): Promise<string> {
    const trimmed = name.trim();
    if (trimmed === '' || trimmed.length > 200) throw badInput('name: must have 1 to 200 characters.');
    const id = newId();
    try {
      await manager.query('SELECT create_tenant($1, $2)', [id, trimmed]);
    } catch (error) {
      if (isUniqueViolation(error)) {
        throw new DomainError(
          'ALREADY_EXISTS',
          `name: a tenant called "${trimmed}" exists already; choose another name.`,
        );
      }
      throw error;
    }
    return id;
  }
}

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505';
