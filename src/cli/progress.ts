import type { Terminal } from './terminal';

export interface Progress {
  step(text: string): void;
  /** Takes the line away again. */
  end(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const TO_LINE_START_AND_CLEAR = '\r\u001b[K';

/** One changing line on stderr, only where people look at it: logs and pipes get nothing. */
export function progressOn(terminal: Terminal, quiet: boolean): Progress {
  if (quiet || !terminal.errIsTty || terminal.env['TERM'] === 'dumb')
    return { step: () => undefined, end: () => undefined };
  let text = '';
  let frame = 0;
  const draw = (): void => terminal.err(`${TO_LINE_START_AND_CLEAR}${FRAMES[frame++ % FRAMES.length] ?? ''} ${text}`);
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    step(next) {
      text = next;
      draw();
    },
    end() {
      clearInterval(timer);
      terminal.err(TO_LINE_START_AND_CLEAR);
    },
  };
}
