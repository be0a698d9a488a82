import type { IamOperation } from './iam-call';
import { shown } from './iam-call';

/** The state machine is the world's; its errors carry AWS's codes. */
export const credentialReportOperations: Record<string, IamOperation> = {
  GenerateCredentialReport: ({ simulation, account }) => {
    const { state, description } = simulation.world.credentialReport(account.summary.accountId).generate();
    return { State: state, Description: description === '' ? undefined : description };
  },

  GetCredentialReport: (call) => {
    const report = call.simulation.world.credentialReport(call.account.summary.accountId).get();
    return {
      Content: Buffer.from(report.content).toString('base64'),
      ReportFormat: 'text/csv',
      GeneratedTime: shown(call, report.generatedAt),
    };
  },
};
