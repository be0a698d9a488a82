import type { Standard } from './check';

const cis = (version: string, control: string): Standard => ({
  standard: 'CIS AWS Foundations Benchmark',
  version,
  control,
});

const SECURITY_HUB = 'AWS Security Hub';
const securityHub = (control: string, note?: string): Standard => ({
  standard: SECURITY_HUB,
  version: null,
  control,
  ...(note === undefined ? {} : { note }),
});

const STEAMPIPE = 'https://hub.steampipe.io/mods/turbot/aws_compliance/controls';

/** Credentials that nobody uses: passwords and access keys alike. */
export const unusedCredential: readonly Standard[] = [
  cis('v1.5', '1.12'),
  cis('v3.0', '1.12'),
  cis('v5.0', '1.11'),
  securityHub('IAM.22', 'at 45 days'),
  securityHub('IAM.8', 'at 90 days'),
  { standard: 'NIST SP 800-53', version: 'r5', control: 'AC-2(3)' },
  { standard: 'NIST SP 800-53', version: 'r5', control: 'AC-6' },
  { standard: 'PCI DSS', version: 'v4', control: '8.2.6' },
  { standard: 'SOC 2', version: null, control: 'CC6.1' },
  { standard: 'ISO/IEC 27001', version: '2022', control: 'A.5.15' },
  { standard: 'APRA CPG 234', version: null, control: null, note: "carried by AWS's conformance pack" },
  { standard: 'MAS TRMG', version: null, control: null, note: "carried by AWS's conformance pack" },
];

const conformityNote = 'as mapped by Trend Micro Conformity IAM-029';
export const unusedUser: readonly Standard[] = [
  { standard: 'Trend Micro Cloud One Conformity', version: null, control: 'IAM-029' },
  { standard: 'APRA', version: null, control: null, note: conformityNote },
  { standard: 'MAS', version: null, control: null, note: conformityNote },
  { standard: 'NIST', version: null, control: null, note: conformityNote },
];

export const keyRotation: readonly Standard[] = [
  cis('v1.5', '1.14'),
  cis('v3.0', '1.14'),
  cis('v5.0', '1.13'),
  securityHub('IAM.3'),
  { standard: 'PCI DSS', version: 'v4', control: '8.3.9' },
];

export const oneActiveKey: readonly Standard[] = [
  { ...cis('v1.5', '1.13'), source: `${STEAMPIPE}/control.cis_v150_1_13` },
  { ...cis('v3.0', '1.13'), source: `${STEAMPIPE}/control.cis_v300_1_13` },
  cis('v5.0', '1.12'),
];

export const noRootKey: readonly Standard[] = [
  { ...cis('v3.0', '1.4'), source: `${STEAMPIPE}/control.cis_v300_1_4` },
  cis('v5.0', '1.3'),
];
