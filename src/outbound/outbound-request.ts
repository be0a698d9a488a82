/** One request to a place that a tenant named. */
export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Names in any case; values of printable ASCII only. What the connection itself is about is not the caller's. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** For everything, from looking the name up to the answer's last byte; 15 s at most, which is the default. */
  readonly timeoutMs?: number;
  /** Default: 1 MiB, which is also the most. */
  readonly maxAnswerBytes?: number;
  /**
   * `refuse` (default): an answer that is longer, or breaks off, is a failure. `cut`: its start is enough; then the
   * status counts as soon as it has come, whatever becomes of the rest.
   */
  readonly longAnswer?: 'refuse' | 'cut';
  readonly signal?: AbortSignal;
}

/** Any status, 3xx too: redirects are never followed. */
export interface OutboundAnswer {
  readonly status: number;
  /** Names in lower case; what came more than once is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** There was, or may have been, more. */
  readonly cut: boolean;
  readonly latencyMs: number;
}
