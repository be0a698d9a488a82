import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenCall {
  readonly action: string;
  readonly parameters: URLSearchParams;
  readonly accessKeyId: string;
}

/** XML of a result's inside; an error; or silence for some time. */
export type Answer = string | { readonly error: string; readonly status: number; readonly message?: string };
export type Script = (call: SeenCall, nth: number) => Answer | Promise<Answer>;

const NOW = '2026-11-22T00:00:00Z';

export const assumeRoleResult = (accessKeyId: string, expiration: Date): string =>
  `<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/Scan/x</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>` +
  `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>` +
  `<SessionToken>token</SessionToken><Expiration>${expiration.toISOString()}</Expiration></Credentials>`;

export const user = (name: string, extra = ''): string =>
  `<member><Path>/</Path><UserName>${name}</UserName><UserId>AIDA${name}</UserId>` +
  `<Arn>arn:aws:iam::123456789012:user/${name}</Arn><CreateDate>2020-01-02T03:04:05Z</CreateDate>${extra}</member>`;

const TRUST = encodeURIComponent('{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}]}');
export const role = (name: string, extra = '', trust = TRUST): string =>
  `<member><Path>/</Path><RoleName>${name}</RoleName><RoleId>AROA${name}</RoleId>` +
  `<Arn>arn:aws:iam::123456789012:role/${name}</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>` +
  `<AssumeRolePolicyDocument>${trust}</AssumeRolePolicyDocument>${extra}</member>`;

export const lastPage = '<IsTruncated>false</IsTruncated>';
export const pageBefore = (marker: string): string => `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`;

export const accessKeys = (members: string, end = lastPage): string =>
  `<AccessKeyMetadata>${members}</AccessKeyMetadata>${end}`;
export const accessKey = (id: string, created: string, status = 'Active'): string =>
  `<member><UserName>alice</UserName><AccessKeyId>${id}</AccessKeyId><Status>${status}</Status>` +
  `<CreateDate>${created}</CreateDate></member>`;
export const accessKeyUse = (inner: string): string =>
  `<UserName>alice</UserName><AccessKeyLastUsed>${inner}</AccessKeyLastUsed>`;
export const NEVER_USED = '<Region>N/A</Region><ServiceName>N/A</ServiceName>';

export const denied: Script = (call) => ({
  error: 'AccessDenied',
  status: 403,
  message: `User: x is not authorized to perform: iam:${call.action} on resource: *`,
});
export const missing: Script = () => ({ error: 'NoSuchEntity', status: 404 });

/** IAM and STS on loopback that answer what a test scripts, over the real wire protocol. */
export class ScriptedEndpoint {
  readonly seen: SeenCall[] = [];
  /** How far its clock is ahead of this machine's; behind is negative. */
  aheadMs = 0;
  private constructor(
    private readonly server: Server,
    private readonly scripts: Map<string, Script>,
  ) {}

  static async start(scripts: Record<string, Script>): Promise<ScriptedEndpoint> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = new ScriptedEndpoint(server, new Map(Object.entries(scripts)));
    server.on('request', (request, response) => void endpoint.answer(request, response));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  count(action: string): number {
    return this.seen.filter((call) => call.action === action).length;
  }

  on(action: string, script: Script): void {
    this.scripts.set(action, script);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    const accessKeyId = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const call = { action, parameters, accessKeyId };
    this.seen.push(call);
    const script = this.scripts.get(action) ?? ((): Answer => ({ error: 'InvalidAction', status: 400 }));
    const answer = await script(call, this.count(action));
    response.setHeader('content-type', 'text/xml');
    response.setHeader('date', new Date(Date.now() + this.aheadMs).toUTCString());
    if (typeof answer === 'string') {
      response.end(
        `<${action}Response><${action}Result>${answer}</${action}Result>` +
          `<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
      );
    } else {
      response.statusCode = answer.status;
      const message = answer.message ?? `${answer.error} at ${NOW}`;
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${answer.error}</Code><Message>${message}</Message></Error>` +
          `<RequestId>r</RequestId></ErrorResponse>`,
      );
    }
  }
}
