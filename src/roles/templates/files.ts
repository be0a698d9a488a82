import { accountTemplate, organizationTemplate } from './cloudformation';
import { accountModule, organizationModule } from './terraform';

/** Everything in `deploy/` that is generated: its text by its path in that folder. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const inFolder = (folder: string, files: Readonly<Record<string, string>>): [string, string][] =>
    Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]);
  return new Map([
    ['cloudformation/account.yaml', accountTemplate()],
    ['cloudformation/organization.yaml', organizationTemplate()],
    ...inFolder('terraform/account', accountModule()),
    ...inFolder('terraform/organization', organizationModule()),
  ]);
}
