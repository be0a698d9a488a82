/**
 * Puts the clock that this process dates its tokens by ahead when the process that started it says so, as the demo does
 * where time passes: tokens of a real day would long have expired for everybody else.
 */
export function obeyClock() {
  const realNow = Date.now;
  process.on('message', (message) => {
    if (!isClockMessage(message)) return;
    Date.now = () => realNow() + message.aheadMs;
    process.send?.({ type: 'clock', aheadMs: message.aheadMs });
  });
}

/**
 * @param {any} message
 * @returns {message is { type: 'clock', aheadMs: number }}
 */
const isClockMessage = (message) => message?.type === 'clock' && Number.isInteger(message.aheadMs);
