// <rotunda-room link="https://rooms.example/r/NAME#KEY" name="Ann"></rotunda-room>: a room in any page.
//
// It is as large as its style makes it, 640 by 360 pixels otherwise. Events, whose detail is what the room's page says:
// rotunda-ready, rotunda-joined, rotunda-left. The server's webui.frame_ancestors has to name the page's origin.
(() => {
  const EVENTS = ["ready", "joined", "left"];
  const MAY = ["camera", "microphone", "display-capture", "fullscreen", "autoplay", "picture-in-picture", "speaker-selection"];

  class RotundaRoom extends HTMLElement {
    static observedAttributes = ["link", "name"];
    #frame = null;
    #origin = "";
    #hear = (event) => this.#heard(event);

    connectedCallback() {
      if (!this.shadowRoot) this.attachShadow({ mode: "open" });
      addEventListener("message", this.#hear);
      this.#show();
    }

    disconnectedCallback() {
      removeEventListener("message", this.#hear);
      this.#frame?.remove();
      this.#frame = null;
    }

    attributeChangedCallback(_, before, now) {
      if (this.isConnected && before !== now && this.shadowRoot) this.#show();
    }

    #show() {
      this.#frame?.remove();
      this.#frame = null;
      const link = this.#link();
      if (!link) return;
      const frame = document.createElement("iframe");
      frame.src = link.href;
      frame.title = this.title || "Video room";
      frame.allow = MAY.map((right) => `${right} ${link.origin}`).join("; ");
      frame.style.cssText = "display:block;width:100%;height:100%;min-width:inherit;border:0";
      // The page answers to whoever greets it, and to no other origin.
      frame.addEventListener("load", () => frame.contentWindow.postMessage({ type: "rotunda-hello" }, link.origin));
      this.#origin = link.origin;
      this.#frame = frame;
      const style = document.createElement("style");
      style.textContent = ":host{display:inline-block;width:640px;height:360px;max-width:100%}";
      this.shadowRoot.replaceChildren(style, frame);
    }

    /** Where the room is; nothing for an address that is no page of the web. */
    #link() {
      const link = URL.canParse(this.getAttribute("link")) ? new URL(this.getAttribute("link")) : null;
      if (!link || !/^https?:$/.test(link.protocol)) return null;
      const name = this.getAttribute("name");
      if (name) link.searchParams.set("name", name);
      return link;
    }

    #heard({ source, origin, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#origin) return;
      const event = EVENTS.find((name) => data?.type === `rotunda-${name}`);
      if (!event) return;
      const { type, ...detail } = data;
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    }
  }

  if (!customElements.get("rotunda-room")) customElements.define("rotunda-room", RotundaRoom);
})();
