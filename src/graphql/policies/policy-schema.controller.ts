import { Controller, Get, Header } from '@nestjs/common';
import { policyJsonSchema, SCHEMA_PATH } from '../../findings/policies/documents/policy-json-schema';

/** For editors, which have no token: the form of policies is no secret. */
@Controller()
export class PolicySchemaController {
  private readonly schema = JSON.stringify(policyJsonSchema());

  @Get(SCHEMA_PATH)
  @Header('content-type', 'application/schema+json')
  @Header('cache-control', 'public, max-age=3600')
  read(): string {
    return this.schema;
  }
}
