import { ApplyBaselineTask } from './baseline/apply-baseline.task';
import { BaselineService } from './baseline/baseline.service';
import { Outlook } from './previews/outlook.service';
import { PoliciesService } from './policies.service';
import { PolicyAgreements } from './policy-agreements.service';
import { PolicyPreviews } from './previews/policy-previews.service';
import { PolicyQueries } from './policy-queries';
import { PolicyStore } from './policy-store.service';
import { PolicySweeps } from './policy-sweeps.service';
import { PolicyWriter } from './policy-writer.service';
import { PreviewPoliciesTask } from './previews/preview-policies.task';
import { SweepPolicyTask } from './sweep-policy.task';

/** What others use of policies. */
export const policyServices = [
  BaselineService,
  Outlook,
  PoliciesService,
  PolicyAgreements,
  PolicyPreviews,
  PolicyQueries,
  PolicyStore,
  PolicySweeps,
];

export const policyWorkers = [ApplyBaselineTask, PolicyWriter, PreviewPoliciesTask, SweepPolicyTask];
