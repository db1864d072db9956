/**
 * Imported for its effect: a process that has nothing left to do is over at once. Node's own clean-up of handles, which
 * comes next, may go round for ever on a full core (nodejs/node#47748).
 */
process.on('exit', () => process.exit());
