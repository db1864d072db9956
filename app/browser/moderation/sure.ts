import { button, element } from '../dom.ts';

/** Asks before what is for good; resolves with false for Escape. The focus begins at the way out. */
export function areYouSure(question: string, yes: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const text = element('p', { id: 'act-sure' }, question);
  const dialog = element('dialog', { class: 'act-sure', 'aria-labelledby': 'act-sure' }, text);
  const answer = (isSure: boolean) => () => {
    resolve(isSure);
    dialog.close();
  };
  const no = button('button', 'Leave it', answer(false));
  no.autofocus = true;
  dialog.append(no, ' ', button('button grave', yes, answer(true)));
  dialog.addEventListener('close', () => {
    resolve(false);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}
