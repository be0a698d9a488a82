import { ExemptionDecisions } from './exemption-decisions.service';
import { ExemptionMaking } from './exemption-making.service';
import { ExemptionPreviews } from './exemption-preview.service';
import { ExemptionQueries } from './exemption-queries';
import { ExemptionRecords } from './exemption-records.service';
import { ExemptionsService } from './exemptions.service';
import { LifeExemptions } from './life-exemptions.service';
import { LongestExemption } from './longest-exemption.service';

/** What the module of findings provides of exemptions. */
export const exemptionServices = [
  ExemptionDecisions,
  ExemptionMaking,
  ExemptionPreviews,
  ExemptionQueries,
  ExemptionRecords,
  ExemptionsService,
  LifeExemptions,
  LongestExemption,
];
