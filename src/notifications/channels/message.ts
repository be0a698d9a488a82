/** What one delivery says, for every channel: the signed text for machines, and the same in words for people. */
export interface Message {
  /** The same in every attempt and every replay: `evt_…` of an event, `msg_…` of a batch, a digest or a test. */
  readonly id: string;
  readonly type: string;
  /** Canonical JSON, under 20 kB; what a webhook sends and signs, byte for byte the same each time. */
  readonly body: string;
  readonly words: MessageWords;
  /** For channels that sort and order by it. Nothing: it stands for itself. */
  readonly about?: MessageSubject;
}

export interface MessageSubject {
  /** `finding <id>`: of two of the same, the older comes first. */
  readonly objectKey: string | null;
  readonly severity?: string | undefined;
  /** The API's id. */
  readonly account?: string | undefined;
}

/** Plain text without markup: each channel escapes what is special to it. */
export interface MessageWords {
  /** One line. */
  readonly title: string;
  /** Some sentences. */
  readonly text: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Where to look further; null: the service does not know its own address. */
  readonly link: string | null;
}
