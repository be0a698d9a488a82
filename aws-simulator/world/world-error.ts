/** What AWS would answer with this error code; `services/` puts it into the protocol's shape. */
export class WorldError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'WorldError';
  }
}
