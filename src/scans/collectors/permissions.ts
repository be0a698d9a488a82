import { accountPermissions } from './account.collector';
import { keyIdsPermissions } from './key-ids.collector';
import { otherCredentialsPermissions } from './other-credentials.collector';
import { recheckPermissions } from './recheck.collector';

/** What a scan role must be allowed, all of it reading: role templates and docs are made from this list. */
export const scanPermissions: readonly string[] = [
  ...new Set<string>([
    ...accountPermissions,
    ...keyIdsPermissions,
    ...otherCredentialsPermissions,
    ...recheckPermissions,
  ]),
].sort();
