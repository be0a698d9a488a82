import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { AnyCheck, Standard as StandardValue } from '../../findings/check';
import type { Severity as SeverityValue } from '../../findings/policy';
import type { IdentityKind as Kind } from '../../scans/inventory';
import { Steps } from '../core/steps.type';
import { IdentityKind } from '../inventory/identity.input';

export const Severity = { LOW: 'low', MEDIUM: 'medium', HIGH: 'high', CRITICAL: 'critical' } as const;

registerEnumType(Severity, {
  name: 'Severity',
  description: 'How bad it is.',
  valuesMap: {
    LOW: { description: 'Generally tolerable.' },
    MEDIUM: { description: 'Should be mended.' },
    HIGH: { description: 'Not acceptable.' },
    CRITICAL: { description: 'Act today.' },
  },
});

export const Measure = { IDLE: 'idle', AGE: 'age', FACT: 'fact' } as const;

registerEnumType(Measure, {
  name: 'Measure',
  description: 'What a check’s threshold counts.',
  valuesMap: {
    IDLE: { description: 'Days without use.' },
    AGE: { description: 'Days of age, or in a state.' },
    FACT: { description: 'Nothing: it is so or it is not.' },
  },
});

@ObjectType({ description: 'A control of a standard that a check answers.' })
export class StandardMapping {
  @Field(() => String, { description: 'The standard.' })
  readonly standard!: string;

  @Field(() => String, { nullable: true, description: 'Its version.' })
  readonly version!: string | null;

  @Field(() => String, { nullable: true, description: 'The control; null: the source does not say.' })
  readonly control!: string | null;

  @Field(() => String, { nullable: true, description: 'A remark.' })
  readonly note?: string;

  @Field(() => String, { nullable: true, description: 'Where the mapping was found.' })
  readonly source?: string;
}

@ObjectType({ description: 'A rule that identities are judged by.' })
export class Check {
  constructor(private readonly check: AnyCheck) {}

  @Field(() => ID, { description: 'Its name, which never changes: "unused-access-key".' })
  get id(): string {
    return this.check.id;
  }

  @Field(() => String, { description: 'What it demands, in a few words.' })
  get title(): string {
    return this.check.title;
  }

  @Field(() => IdentityKind, { description: 'What it judges.' })
  get kind(): Kind {
    return this.check.kind;
  }

  @Field(() => Severity, { description: 'How bad it is, unless a policy says otherwise.' })
  get severity(): SeverityValue {
    return this.check.severity;
  }

  @Field(() => String, { description: 'The risk level, in the words of Trend Micro’s Conformity.' })
  get risk(): string {
    return this.check.risk;
  }

  @Field(() => String, { description: 'Why it matters.' })
  get rationale(): string {
    return this.check.rationale;
  }

  @Field(() => [String], {
    description: 'The controls that it answers, one line each: "CIS AWS Foundations Benchmark v3.0 1.12".',
  })
  get standards(): string[] {
    return this.check.standards.map(lineOf);
  }

  @Field(() => [StandardMapping], { description: 'The same in parts.' })
  get mappings(): readonly StandardMapping[] {
    return this.check.standards;
  }

  @Field(() => Measure, { description: 'What its threshold counts.' })
  get measures(): AnyCheck['measures'] {
    return this.check.measures;
  }

  @Field(() => Int, {
    nullable: true,
    description: 'The threshold in days where a policy says nothing; null: it has none.',
  })
  get defaultIdleDays(): number | null {
    return this.check.defaultIdleDays;
  }

  @Field(() => Boolean, {
    description: 'Whether SSH keys and service-specific credentials must have been read before it can find anything.',
  })
  get provisional(): boolean {
    return this.check.provisional;
  }

  @Field(() => [String], { description: 'The IAM actions that reading its data takes.' })
  get permissions(): readonly string[] {
    return this.check.permissions;
  }

  @Field(() => Steps, { description: 'How to look for the same thing by hand.' })
  get audit(): Steps {
    return this.check.audit;
  }
}

const lineOf = ({ standard, version, control, note }: StandardValue): string =>
  [standard, version, control, note === undefined ? null : `(${note})`].filter((part) => part != null).join(' ');
