import type { AccountAccess } from '../aws/account-access';
import type { AwsService } from '../aws/aws.service';
import { badInput, DomainError } from '../errors';

interface Ambient {
  readonly profile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * The account of the ambient credentials.
 * @throws DomainError that says what to set: `BAD_INPUT`, `AWS_NO_CREDENTIALS`, `AWS_BAD_CREDENTIALS`, `AWS_UNREACHABLE`, …
 */
export async function openAmbientAccount(aws: AwsService, ambient: Ambient): Promise<AccountAccess> {
  checkEndpoints(ambient.env);
  try {
    return await aws.ambientAccount({ signal: ambient.signal });
  } catch (error) {
    throw aboutProfile(error, ambient.profile ?? ambient.env['AWS_PROFILE']);
  }
}

/** The SDK reads an address without a scheme as one, and fails in words that do not name the variable. */
function checkEndpoints(env: NodeJS.ProcessEnv): void {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_IAM', 'AWS_ENDPOINT_URL_STS']) {
    const url = env[name];
    if (!url || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) continue;
    throw badInput(`${name}: "${url}" is not an address. Write it as http://HOST:PORT or https://HOST.`);
  }
}

function aboutProfile(error: unknown, profile: string | undefined): unknown {
  if (!(error instanceof DomainError) || error.code !== 'AWS_NO_CREDENTIALS' || !profile) return error;
  return new DomainError(error.code, `The profile "${profile}" gives no usable AWS credentials.`, {
    remedy: `Choose one that "aws configure list-profiles" shows; if it signs in by SSO, run "aws sso login --profile ${profile}" first.`,
    cause: error,
  });
}
