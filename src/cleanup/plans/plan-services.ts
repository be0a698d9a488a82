import { DraftRecords } from './draft-records.service';
import { Manifests } from './manifest';
import { PlanDrafts } from './plan-drafts.service';
import { PlanItemQueries } from './plan-item-queries';
import { PlanPreparation } from './plan-preparation.service';
import { PlanProposals } from './plan-proposals.service';
import { PlanQueries } from './plan-queries';
import { ProposedTerms } from './proposed-terms.service';

/** What plans need of the injector. */
export const planServices = [
  DraftRecords,
  Manifests,
  PlanDrafts,
  PlanItemQueries,
  PlanPreparation,
  PlanProposals,
  PlanQueries,
  ProposedTerms,
];
