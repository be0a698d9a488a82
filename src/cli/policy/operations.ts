import { createHash } from 'node:crypto';

const preview = `id state accounts accountsDone opened resolved reopened exempted unchanged
    changes(first: 50) {
      totalCount
      nodes { change why policy check { id } account { awsAccountId name } identity { name arn } }
    }`;

/** What `mothball policy` asks the service. */
export const operations = {
  tenants: `query PolicyTenants($after: String) {
  tenants(first: 100, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
}`,
  policies: `query Policies($tenant: ID, $after: String) {
  policies(first: 50, after: $after, tenant: $tenant) {
    nodes { name inForce { document } proposal { version { document } } }
    pageInfo { hasNextPage endCursor }
  }
}`,
  diff: `query PolicyDiff($documents: JSON!, $mode: PolicyApplyMode, $tenant: ID) {
  policiesHash(tenant: $tenant)
  policyDiff(documents: $documents, mode: $mode, tenant: $tenant) { same lines changes }
}`,
  apply: `mutation PolicyApply($documents: JSON!, $mode: PolicyApplyMode, $tenant: ID, $expectedHash: String, $dryRun: Boolean, $note: String) {
  policyApply(documents: $documents, mode: $mode, tenant: $tenant, expectedHash: $expectedHash, dryRun: $dryRun, note: $note) {
    hash accounts changes { name change version waits }
  }
}`,
  preview: `mutation PreviewPolicies($documents: JSON!, $mode: PolicyApplyMode, $tenant: ID, $asAgreed: Boolean) {
  previewPolicies(documents: $documents, mode: $mode, tenant: $tenant, asAgreed: $asAgreed) { ${preview} }
}`,
  previewed: `query PolicyPreview($id: ID!) {
  policyPreview(id: $id) { ${preview} }
}`,
} as const;

/** For a service that runs trusted documents only. */
export const operationsByHash = (): Record<string, string> =>
  Object.fromEntries(Object.values(operations).map((text) => [createHash('sha256').update(text).digest('hex'), text]));
