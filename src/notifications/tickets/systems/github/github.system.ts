import { z } from 'zod';
import {
  TicketFailure,
  type Heard,
  type InboundRequest,
  type RemoteTicket,
  type TicketContent,
  type TicketSystem,
} from '../../ticket-system';
import { mustBeTheirs, type Places } from '../parts/addresses';
import { fingerprint, OwnedText } from '../parts/owned-text';
import { isSigned, jsonOf } from '../parts/signatures';
import { readAs, type TicketHttp, unlessGone } from '../parts/ticket-http';
import { blocksOf, EDITED, fitted, line } from '../parts/ticket-words';
import {
  GitHubApi,
  gitHubMust,
  gitHubTicket,
  issuePath,
  labelsWith,
  type GitHubConnection,
  type GitHubIssue,
} from './github-api';
import { commentMarkdown, markdownOf } from './github-markdown';
import { gitHubCredential, gitHubSettings, type GitHubCredential, type GitHubSettings } from './github-settings';

const GITHUB = { hosts: /^api\.(?:github\.com|[a-z0-9-]+\.ghe\.com)$/, example: 'https://api.github.com' };
const LABEL = 'mothball';
const MAX_TITLE = 256;
/** GitHub takes 65,536 characters; lists of issues have whole bodies, so ours stay small. */
const MAX_BODY = 20_000;
const ownText = new OwnedText('<!--', '-->');
const repository = z.object({
  has_issues: z.boolean(),
  archived: z.boolean(),
  permissions: z.object({ push: z.boolean(), triage: z.boolean() }).partial().optional(),
});
const message = z.object({
  action: z.string(),
  issue: z.object({ number: z.number().int(), pull_request: z.unknown().optional() }).optional(),
  repository: z.object({ name: z.string(), owner: z.object({ login: z.string() }) }).optional(),
});

/**
 * GitHub Issues. An issue is found among those with our label, by a comment in its body that is not shown. Our part of
 * the body stands between two such marks. GitHub has no conditional updates: what somebody writes in the moment between
 * our look and our writing is lost, and shown in the body's history.
 */
export class GitHubSystem implements TicketSystem<GitHubSettings, GitHubCredential> {
  readonly id = 'github';
  readonly settings = gitHubSettings;
  readonly credential = gitHubCredential;
  readonly createsOnce = false;
  readonly inboundSecret = 'made';
  /** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
  readonly limits = { perMinute: 80, perHour: 500 };
  private readonly api: GitHubApi;

  constructor(
    http: TicketHttp,
    private readonly places: Places,
  ) {
    this.api = new GitHubApi(http);
  }

  mustBeUsable({ settings }: GitHubConnection): Promise<void> {
    return mustBeTheirs(this.places, settings.api, 'api', GITHUB);
  }

  async examine(connection: GitHubConnection): Promise<readonly string[]> {
    const { owner, repository: name } = connection.settings;
    const answer = await this.api.send(connection, 'GET', '');
    if (answer.status === 404) return [`${owner}/${name} does not exist, or the token has no access to it.`];
    const found = readAs(gitHubMust(answer, 200, 'reading the repository'), repository, 'reading the repository');
    const problems: string[] = [];
    if (!found.has_issues) problems.push(`${owner}/${name} has its issues disabled: enable them in its settings.`);
    if (found.archived) problems.push(`${owner}/${name} is archived: nothing can be written there.`);
    // An app's installation has no role; the test ticket shows what it may do.
    const { push, triage } = found.permissions ?? {};
    if (push === false && triage === false) {
      problems.push(`The token's user may not label issues of ${owner}/${name}: give it the role Triage or Write.`);
    }
    return problems;
  }

  canRead(): boolean {
    return true;
  }

  async find(connection: GitHubConnection, key: string): Promise<RemoteTicket | null> {
    const mark = ownText.begin(key);
    for await (const issue of this.api.labelled(connection, LABEL)) {
      if (issue.pull_request === undefined && issue.body?.includes(mark) === true)
        return gitHubTicket(connection, issue);
    }
    return null;
  }

  async read(connection: GitHubConnection, remoteId: string): Promise<RemoteTicket | null> {
    const found = await unlessGone(this.api.issue(connection, remoteId));
    return found && gitHubTicket(connection, found);
  }

  /**
   * https://docs.github.com/en/rest/issues/issues#create-an-issue; labels are left out in silence for those who may not set
   * them. It is there all the same, and its number is known: the next update sets the label, or says what is wrong.
   */
  async create(connection: GitHubConnection, content: TicketContent): Promise<RemoteTicket> {
    const { labels, assignees } = connection.settings;
    const title = titleOf(content);
    const made = await this.api.asked(connection, 'POST', '/issues', 201, {
      title,
      body: bodyOf(content, fingerprint(title)),
      labels: [LABEL, ...labels],
      ...(assignees.length === 0 ? {} : { assignees }),
    });
    return gitHubTicket(connection, made);
  }

  /** https://docs.github.com/en/rest/issues/issues#update-an-issue */
  async update(connection: GitHubConnection, remoteId: string, content: TicketContent): Promise<RemoteTicket> {
    const now = await this.labelled(connection, await this.api.issue(connection, remoteId));
    const owned = ownText.read(content.key, now.body ?? '');
    if (owned?.untouched !== true) {
      const words = `${commentMarkdown(EDITED)}\n\n${fittedBlocks(content, (blocks) => markdownOf(blocks))}`;
      return gitHubTicket(connection, now, await this.say(connection, remoteId, words));
    }
    const title = titleOf(content);
    const ourTitle = owned.title === fingerprint(now.title);
    const body = `${owned.before}${bodyOf(content, ourTitle ? fingerprint(title) : owned.title)}${owned.after}`;
    return gitHubTicket(
      connection,
      await this.api.change(connection, remoteId, { body, ...(ourTitle ? { title } : {}) }),
    );
  }

  async comment(connection: GitHubConnection, remoteId: string, text: string): Promise<void> {
    await this.say(connection, remoteId, commentMarkdown(text));
  }

  async close(connection: GitHubConnection, remoteId: string, text: string): Promise<RemoteTicket> {
    const now = await this.api.issue(connection, remoteId);
    if (now.state === 'closed') return gitHubTicket(connection, now);
    const closed = await this.api.change(connection, remoteId, { state: 'closed', state_reason: 'completed' });
    return gitHubTicket(connection, closed, await this.sayAfterwards(connection, remoteId, text));
  }

  async reopen(connection: GitHubConnection, remoteId: string, text: string): Promise<RemoteTicket | null> {
    const now = await this.api.issue(connection, remoteId);
    if (now.state === 'open') return gitHubTicket(connection, now);
    // Whoever locked it wants it left alone.
    if (now.locked) return null;
    const open = await this.api.change(connection, remoteId, { state: 'open', state_reason: 'reopened' });
    return gitHubTicket(connection, open, await this.sayAfterwards(connection, remoteId, text));
  }

  /**
   * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries; a delivery that is sent again has
   * the same `X-GitHub-Delivery`. GitHub signs no time: what is heard twice makes us look at the issue twice.
   */
  hear({ headers, body }: InboundRequest, secret: string, settings: GitHubSettings): Heard | 'ignore' | null {
    const signature = /^sha256=([0-9a-f]{64})$/.exec(headers['x-hub-signature-256'] ?? '')?.[1];
    if (signature === undefined || !isSigned(body, secret, [signature], 'hex')) return null;
    const read = message.safeParse(jsonOf(body));
    if (!/^issues?(?:_comment)?$/.test(headers['x-github-event'] ?? '') || !read.success) return 'ignore';
    const { issue, repository: from } = read.data;
    if (issue === undefined || issue.pull_request !== undefined || from === undefined) return 'ignore';
    const named = `${from.owner.login}/${from.name}`.toLowerCase();
    if (named !== `${settings.owner}/${settings.repository}`.toLowerCase()) return 'ignore';
    return { messageId: headers['x-github-delivery'] ?? null, remoteId: String(issue.number) };
  }

  /** The issue with our label, without which it would not be found again; set if it is not there. */
  private async labelled(connection: GitHubConnection, found: GitHubIssue): Promise<GitHubIssue> {
    const labels = labelsWith(LABEL, found);
    if (labels === null) return found;
    const changed = await this.api.change(connection, String(found.number), { labels });
    if (labelsWith(LABEL, changed) === null) return changed;
    const sentence = `issue ${found.number} is without the label "${LABEL}": let the token's user label issues.`;
    throw new TicketFailure('rejected', `GitHub: ${sentence}`);
  }

  /** https://docs.github.com/en/rest/issues/comments#create-an-issue-comment; answers when it was written. */
  private async say(connection: GitHubConnection, remoteId: string, body: string): Promise<string> {
    const answer = await this.api.send(connection, 'POST', `${issuePath(remoteId)}/comments`, { body });
    // Of a locked issue, 403 is about that one and not about the token.
    if (answer.status === 403 && /\bissue is locked\b/i.test(answer.text)) {
      throw new TicketFailure('rejected', `GitHub: issue ${remoteId} is locked, so the token may not comment on it.`);
    }
    return readAs(gitHubMust(answer, 201, 'commenting'), z.object({ created_at: z.string() }), 'commenting').created_at;
  }

  /** The state has changed, which a comment that fails may not undo. A comment counts as a change of the issue. */
  private async sayAfterwards(
    connection: GitHubConnection,
    remoteId: string,
    text: string,
  ): Promise<string | undefined> {
    try {
      return await this.say(connection, remoteId, commentMarkdown(text));
    } catch (error) {
      if (error instanceof TicketFailure) return undefined;
      throw error;
    }
  }
}

const titleOf = (content: TicketContent): string => line(content.title, MAX_TITLE) || 'Mothball';

const bodyOf = (content: TicketContent, titleMark: string): string =>
  fittedBlocks(content, (blocks) => ownText.write(content.key, markdownOf(blocks), titleMark));

const fittedBlocks = (content: TicketContent, render: (blocks: ReturnType<typeof blocksOf>) => string): string =>
  fitted(
    content,
    (some) => render(blocksOf(some)),
    (body) => body.length <= MAX_BODY,
  );
