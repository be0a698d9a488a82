import { matchesPathPattern } from './path-pattern';
import type { PolicySettings } from './policy';
import { splitPatterns } from './policy';
import type { Subject } from './subject';

/** A policy ready to judge with: its settings, and what it spares. */
export interface Policy {
  readonly settings: PolicySettings;
  /** Why the policy spares an identity, as a sentence; null: it does not. */
  spared(subject: Subject): string | null;
}

/**
 * `ownRoleArns`: the roles through which the service itself reads and cleans the account; never judged unused.
 * The root user is never spared: a pattern like `*` is meant for people and programs, and root is report only.
 */
export function compilePolicy(settings: PolicySettings, ownRoleArns: Iterable<string> = []): Policy {
  const own = new Set(ownRoleArns);
  const whitelist = splitPatterns(settings.rolePatternWhitelist);
  const { roles, users } = settings.exclusions;

  const firstMatch = (patterns: readonly string[], pathAndName: string, setting: string): string | null => {
    const pattern = patterns.find((one) => matchesPathPattern(one, pathAndName));
    return pattern === undefined ? null : `Path and name match "${pattern}" of ${setting}.`;
  };

  return {
    settings,
    spared(subject) {
      if (subject.kind === 'role') {
        if (own.has(subject.role.arn)) return "One of the service's own roles.";
        const pathAndName = subject.role.path + subject.role.name;
        return (
          firstMatch(whitelist, pathAndName, 'rolePatternWhitelist') ??
          firstMatch(roles, pathAndName, 'exclusions.roles')
        );
      }
      const owner = subject.kind === 'user' ? subject.user : subject.owner;
      return owner.isRoot ? null : firstMatch(users, owner.path + owner.name, 'exclusions.users');
    },
  };
}
