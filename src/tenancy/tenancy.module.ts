import { type DynamicModule, Module } from '@nestjs/common';
import { Clock, SystemClock } from '../clock';
import { Config } from '../config';
import { AuditLog } from './audit-log.service';
import { Authentication } from './authentication.service';
import { CredentialCheck } from './credential-check.service';
import { CrossTenantDatabase } from './cross-tenant-database';
import { FailedSignIns } from './failed-sign-ins.service';
import { Listener } from './listener';
import { LiveCredentials } from './live-credentials.service';
import { BrowserSignIn } from './oidc/browser-sign-in.service';
import { OidcSettings } from './oidc/oidc-settings';
import { OidcVerifier } from './oidc/oidc-verifier.service';
import { Invitations } from './people/invitations.service';
import { Memberships } from './people/memberships.service';
import { People } from './people/people.service';
import { Sessions } from './people/sessions.service';
import { Uses } from './people/uses.service';
import { DataKeys } from './secrets/data-keys.service';
import { Resealing } from './secrets/resealing.service';
import { SecretsStart } from './secrets/secrets-start.service';
import { Secrets } from './secrets/secrets.service';
import { TenantDatabase } from './tenant-database';
import { TenantSettings } from './tenant-settings.service';
import { TenantsService } from './tenants.service';
import { TokensService } from './tokens.service';

const services = [
  AuditLog,
  TenantDatabase,
  CrossTenantDatabase,
  Listener,
  DataKeys,
  Secrets,
  Resealing,
  SecretsStart,
  TenantSettings,
  TenantsService,
  TokensService,
  Authentication,
  BrowserSignIn,
  CredentialCheck,
  FailedSignIns,
  Invitations,
  LiveCredentials,
  Memberships,
  OidcVerifier,
  People,
  Sessions,
  Uses,
];

/** The leaf that every stage stands on: who is asking, and the only doors to the database. */
@Module({})
export class TenancyModule {
  static with(config: Config, clock: Clock = new SystemClock()): DynamicModule {
    return {
      module: TenancyModule,
      global: true,
      providers: [
        { provide: Config, useValue: config },
        { provide: Clock, useValue: clock },
        { provide: OidcSettings, useValue: OidcSettings.of(config) },
        ...services,
      ],
      exports: [Config, Clock, ...services],
    };
  }
}
