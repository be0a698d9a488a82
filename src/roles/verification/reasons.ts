/** Where a refusal comes from. */
export type Layer = 'own' | 'boundary' | 'organization';

/** Ends a sentence: "… may not …: ". */
export function reasonOf(layer: Layer, explicit: boolean): string {
  switch (layer) {
    case 'organization':
      return `a control policy of the organization ${explicit ? 'denies' : 'does not allow'} it`;
    case 'boundary':
      return `the permissions boundary of the role ${explicit ? 'denies' : 'does not allow'} it`;
    case 'own':
      return explicit ? 'a statement of its policies denies it' : 'none of its policies allows it';
  }
}
