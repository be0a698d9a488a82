import { z } from 'zod';
import { parsePolicyDocument, type PolicyDocument } from '../../findings/policies/documents/policy-document';
import { SCHEMA_PATH } from '../../findings/policies/documents/policy-json-schema';
import { printDocuments } from '../../findings/policies/documents/policy-yaml';
import { EXIT, type ExitStatus } from '../exit-status';
import { ReportFile } from '../report-file';
import type { Terminal } from '../terminal';
import { operations } from './operations';
import { type Server, serverOf, type ServerOptions } from './server';

const version = z.object({ document: z.unknown() });

const policiesPage = z.object({
  policies: z.object({
    nodes: z.array(
      z.object({
        name: z.string(),
        inForce: version.nullable(),
        proposal: z.object({ version }).nullable(),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

/** Prints what was last saved, also what still waits for a second person: applying it changes nothing. */
export async function exportPolicies(
  options: ServerOptions & { output?: string },
  terminal: Terminal,
): Promise<ExitStatus> {
  const file = options.output === undefined ? null : await ReportFile.at(options.output);
  const server = await serverOf(options, terminal);
  const policies = await savedPolicies(server);
  const text =
    options.format === 'json'
      ? `${JSON.stringify(
          policies.map(({ source }) => source),
          null,
          2,
        )}\n`
      : printDocuments(policies, new URL(SCHEMA_PATH, server.api.url).href);
  if (file) await file.write(text);
  else terminal.out(text);
  if (policies.length === 0) {
    terminal.err('mothball: the tenant has saved no policy; the built-in default judges everything.\n');
  }
  return EXIT.nothingFound;
}

/** In their order. */
async function savedPolicies({ api, tenant }: Server): Promise<PolicyDocument[]> {
  const documents: PolicyDocument[] = [];
  for (let after: string | null = null; ;) {
    const { policies }: z.output<typeof policiesPage> = await api.ask(
      operations.policies,
      { tenant, after },
      policiesPage,
    );
    for (const { inForce, proposal } of policies.nodes) {
      documents.push(parsePolicyDocument((proposal?.version ?? inForce)?.document));
    }
    if (!policies.pageInfo.hasNextPage) return documents;
    after = policies.pageInfo.endCursor;
  }
}
