import { join } from 'node:path';
import { Eta } from 'eta';

/** Renders `templates/<name>.html` with values that are escaped unless the template says otherwise. */
export class Templates {
  readonly #eta: Eta;

  constructor(options: { dir: string }) {
    this.#eta = new Eta({
      views: join(options.dir),
      defaultExtension: '.html',
      cache: true,
      autoEscape: true,
    });
  }

  render(name: string, values: Readonly<Record<string, unknown>>): string {
    return this.#eta.render(name, values);
  }
}
