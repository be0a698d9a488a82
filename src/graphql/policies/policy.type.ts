import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Violation } from '../../findings/policies/baseline/baseline';
import { canonical } from '../../findings/policies/documents/canonical';
import { BUILT_IN } from '../../findings/policies/policies-in-force';
import { policyDocumentSchema } from '../../findings/policies/documents/policy-document';
import type { Agreement, ListedVersion, ShownPolicy, ShownSet } from '../../findings/policies/policy-queries';
import { printDocuments } from '../../findings/policies/documents/policy-yaml';
import { toVersion } from '../../findings/policies/policy-store.service';
import type { PolicyDecision, PolicyVersion as Version, Proposal } from '../../findings/policies/stored-policy';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';
import { Node } from '../core/node.type';

/** Stands for the built-in default, which has no row. */
export const BUILT_IN_ID = '00000000-0000-7000-8000-000000000001';

export const PolicyAgreement = {
  NOT_NEEDED: 'not-needed',
  WAITING: 'waiting',
  AGREED: 'agreed',
  LAPSED: 'lapsed',
  REFUSED: 'refused',
} as const satisfies Record<string, Agreement>;

registerEnumType(PolicyAgreement, {
  name: 'PolicyAgreement',
  description: 'Whether a second person has agreed to what a policy does by itself.',
  valuesMap: {
    NOT_NEEDED: { description: 'It does nothing by itself.' },
    WAITING: { description: 'A newer version waits; until then the version in force stays.' },
    AGREED: { description: 'A second person has agreed to the version in force.' },
    LAPSED: {
      description:
        'The version in force was agreed to, but reaches others by now (the policies before it, or the baseline, have changed): until somebody agrees again, it only proposes.',
    },
    REFUSED: { description: 'A second person has refused it: it only proposes.' },
  },
});

@ObjectType({ description: 'When the accounts in a policy’s scope are scanned, besides the tenant’s schedule.' })
export class PolicySchedule {
  @Field(() => String, { description: 'The pattern, as in cron.' })
  readonly cron!: string;

  @Field(() => String, { description: 'The time zone that the pattern is read in.' })
  readonly timeZone!: string;
}

@ObjectType({ description: 'A saved version of a policy. It never changes.' })
export class PolicyVersion {
  @Field(() => Int, { description: 'Its number; counts from 1.' })
  readonly version!: number;

  @Field(() => Json, { description: 'The document as it was written.' })
  readonly document!: unknown;

  @Field(() => String, { description: 'The same as YAML.' })
  readonly yaml!: string;

  @Field(() => Json, { description: 'The settings that it means, everything filled in, apart from the baseline.' })
  readonly settings!: unknown;

  @Field(() => Json, { description: 'Whom it is for; an empty list or object is not asked.' })
  readonly scope!: unknown;

  @Field(() => Json, { description: 'What may be done about its findings, as written.' })
  readonly action!: unknown;

  @Field(() => PolicySchedule, { nullable: true, description: 'When its accounts are scanned; null: with all others.' })
  readonly schedule!: PolicySchedule | null;

  @Field(() => String, { description: 'Of its content: what a second person agrees to.' })
  readonly hash!: string;

  @Field(() => DateTime, { description: 'When it was saved.' })
  readonly createdAt!: Date;

  @Field(() => String, { description: 'Who saved it.' })
  readonly savedBy!: string;

  @Field(() => String, { nullable: true, description: 'What they noted.' })
  readonly note!: string | null;

  static from(version: Version): PolicyVersion {
    const { source: stored, ...rest } = version;
    const source = canonical(stored, policyDocumentSchema);
    return { ...rest, document: source, yaml: printDocuments([{ source }]) };
  }

  static listed(row: ListedVersion): PolicyVersion {
    return PolicyVersion.from(toVersion(row));
  }
}

export const PolicyVersionConnection = connectionOf(PolicyVersion, 'PolicyVersion');

@ObjectType({ description: 'A version that waits until a second person agrees.' })
export class PolicyProposal {
  @Field(() => PolicyVersion, { description: 'What is agreed to: send its `version` and `hash`.' })
  readonly version!: PolicyVersion;

  @Field(() => String, { description: 'Who proposed it, or caused that it must be agreed to again.' })
  readonly by!: string;

  @Field(() => DateTime, { description: 'Since when it waits.' })
  readonly at!: Date;

  static from({ version, by, at }: Proposal): PolicyProposal {
    return { version: PolicyVersion.from(version), by, at };
  }
}

@ObjectType({ description: 'What a second person decided.' })
export class PolicyDecided {
  @Field(() => Boolean, { description: 'Whether they agreed.' })
  readonly agreed!: boolean;

  @Field(() => Int, { description: 'To which version.' })
  readonly version!: number;

  @Field(() => String, { description: 'Who.' })
  readonly by!: string;

  @Field(() => String, { nullable: true, description: 'What they noted.' })
  readonly note!: string | null;

  @Field(() => DateTime, { description: 'When.' })
  readonly at!: Date;

  static from({ decision, version, by, note, at }: PolicyDecision): PolicyDecided {
    return { agreed: decision === 'agreed', version, by, note, at };
  }
}

@ObjectType({
  implements: () => [Node],
  description: 'Whom it is for, what counts as unused there, what is spared, and what may be done about findings.',
})
export class Policy implements Node {
  @Field(() => ID, { description: 'Its id in this API.' })
  readonly id!: string;

  @Field(() => String, { description: 'Its name.' })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  readonly description!: string | null;

  @Field(() => Int, {
    description: 'Its place in the order, from 1: the first policy whose scope takes an identity in decides about it.',
  })
  readonly position!: number;

  @Field(() => Int, {
    description: 'The version in force. 0: none is yet; of the policy "default" the built-in one is.',
  })
  readonly version!: number;

  @Field(() => PolicyVersion, { nullable: true, description: 'The version in force, as it was saved.' })
  readonly inForce!: PolicyVersion | null;

  @Field(() => Json, {
    description:
      'What it judges by, never looser than the baseline: checks.<id>.{enabled idleDays severity}, rolePatternWhitelist, exclusions.{users roles}; all of them filled in.',
  })
  readonly settings!: unknown;

  @Field(() => [String], { description: 'Where the baseline is stricter than what was saved, a sentence each.' })
  readonly clamped!: string[];

  @Field(() => Json, {
    description: 'What may be done by now: agreement, the platform’s leave and the baseline counted in.',
  })
  readonly allowedAction!: unknown;

  @Field(() => PolicyAgreement, { description: 'Whether a second person has agreed.' })
  readonly agreement!: Agreement;

  @Field(() => PolicyProposal, { nullable: true, description: 'What waits for a second person.' })
  readonly proposal!: PolicyProposal | null;

  @Field(() => PolicyDecided, { nullable: true, description: 'The last decision about the version in force.' })
  readonly decision!: PolicyDecided | null;

  @Field(() => DateTime, { nullable: true, description: 'When the version in force was saved; null: none was.' })
  readonly createdAt!: Date | null;

  readonly tenantId!: string;

  static from({ policy, effective, allowed, agreement }: ShownPolicy): Policy {
    const { tenantId, id, name, position, current, proposal, decision } = policy;
    return Object.assign(new Policy(), {
      ...{ id: encodeId('Policy', tenantId, id), name, position, tenantId, agreement },
      description: (current ?? proposal?.version)?.source.description ?? null,
      version: current?.version ?? 0,
      inForce: current && PolicyVersion.from(current),
      settings: effective?.settings ?? proposal?.version.settings ?? {},
      clamped: sentences(effective?.clamped ?? []),
      allowedAction: allowed ?? { mode: 'report' },
      proposal: proposal && PolicyProposal.from(proposal),
      decision: decision && PolicyDecided.from(decision),
      createdAt: current?.createdAt ?? null,
    });
  }

  /** What judges those that no policy takes in. */
  static builtIn(tenantId: string, { builtIn, policies }: ShownSet): Policy {
    return Object.assign(new Policy(), {
      ...{ id: encodeId('Policy', tenantId, BUILT_IN_ID), name: BUILT_IN, tenantId },
      position: policies.length + 1,
      description: 'Judges whatever no policy takes in.',
      version: 0,
      inForce: null,
      settings: builtIn.settings,
      clamped: sentences(builtIn.clamped),
      allowedAction: builtIn.action,
      agreement: 'not-needed' as const,
      proposal: null,
      decision: null,
      createdAt: null,
    });
  }
}

export const PolicyConnection = connectionOf(Policy, 'Policy');

const sentences = (clamped: readonly Violation[]): string[] =>
  clamped.map(({ path, message }) => `${path}: ${message}`);
