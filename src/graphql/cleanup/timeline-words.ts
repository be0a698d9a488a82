/** What has happened, as sentences for people. */
const SENTENCES: Readonly<Record<string, string>> = {
  'plan.proposed': 'The plan was proposed.',
  'plan.approved': 'The plan has its approvals.',
  'plan.refused': 'The plan was refused.',
  'plan.halted': 'The plan was halted.',
  'plan.resumed': 'The plan was resumed.',
  'plan.cancelled': 'The plan was called off.',
  'plan.lapsed': 'What was not approved or begun in time has lapsed.',
  'plan.completed': 'Nothing of the plan is left to do.',
  'identity.quarantined': 'It was put into quarantine.',
  'identity.silenced': 'Its access keys were made inactive, before its deletion.',
  'identity.showed-life': 'It showed a sign of life, which ends its quarantine.',
  'identity.restored': 'It was given back, as it was.',
  'identity.quarantine-due': 'It is due for its quarantine.',
  'identity.deletion-due': 'Its deletion comes near.',
  'identity.deleted': 'It was deleted.',
  'identity.recreated': 'It was made again.',
  'identity.watched': 'Signs of life were last looked for.',
  'restore.requested': 'Somebody asked for it back.',
  'item.restore-refused': 'It could not be brought back.',
  'item.refused': 'It was left alone.',
  'item.halted': 'It was halted.',
  'item.rehearsed': 'A dry run: its requests were written down, none was sent.',
  'finding.opened': 'A finding was opened.',
  'finding.reopened': 'A finding was opened again.',
  'finding.resolved': 'A finding was resolved.',
  'finding.exempt': 'A finding was exempted.',
  'finding.reassigned': 'It was given to another owner.',
};

/** `detail`: a reason or a note, as a sentence of its own. */
export function sentenceOf(type: string, detail: string | null): string {
  // Types are added by whoever records events: a new one is shown as it is.
  const sentence = SENTENCES[type] ?? `${type}.`;
  return detail === null || detail === '' ? sentence : `${sentence} ${detail}`;
}
