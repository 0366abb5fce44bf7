// Somebody in front of the operator's page.

import { Visitor } from "./visitor.mjs";

export class OperatorPage extends Visitor {
  /** Opens the page, or what `path` says below it. */
  static async open(it, path = "admin", options = {}) {
    return Object.assign(new OperatorPage(), await Visitor.open(it, path, options));
  }

  heading = (name) => this.page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
  region = (name) => this.page.getByRole("region", { name, exact: true });
  member = (name) => this.page.getByRole("list", { name: "People" }).getByRole("listitem").filter({ has: this.page.getByRole("button", { name: `Actions for ${name}` }) });
  fill = (label, text) => this.page.getByLabel(label, { exact: true }).fill(text);

  /** Goes to a view by its name. */
  async view(name) {
    await this.page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();
    await this.heading(name);
  }

  /** Signs in by an API token. */
  async byToken(project, token) {
    const title = this.page.getByText("Sign in with an API token");
    const field = this.page.getByLabel("Project id");
    await title.or(field).first().waitFor();
    if (!(await field.isVisible())) await title.click();
    await field.fill(project);
    await this.fill("API token", token);
    await this.button("Open the project").click();
  }
}
