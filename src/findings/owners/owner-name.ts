import { badInput } from '../../errors';

const LONGEST = 200;

/** An owner's name out of a tag or a path, which may hold anything; null where nothing of it can be a name. */
export function ownerName(text: string | undefined): string | null {
  const name = (text ?? '').trim().slice(0, LONGEST).trimEnd();
  return name === '' ? null : name;
}

/** An owner's name that somebody gave. Throws BAD_INPUT. */
export function checkOwnerName(text: string, field = 'owner'): string {
  const name = text.trim();
  if (name === '') throw badInput(`${field}: name who answers for it, a person or a team.`);
  if (name.length > LONGEST) throw badInput(`${field}: must have at most ${LONGEST} characters.`);
  return name;
}
