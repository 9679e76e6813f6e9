// The page on a phone: its address as a QR code, shown when somebody asks.

const QUIET = 4; // modules of light around a code

export class Phone {
  constructor(find) {
    this.dialog = find("phone");
    this.code = find("code");
    this.address = find("phone-address");
    this.dialog.onclick = () => this.dialog.close();
    this.dialog.onkeydown = (event) => {
      event.stopPropagation();
      this.dialog.close();
    };
  }

  show({ address, picture }) {
    this.address.textContent = address;
    const size = picture.length + 2 * QUIET;
    this.code.width = this.code.height = size;
    const context = this.code.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, size, size);
    context.fillStyle = "#000";
    picture.forEach((row, y) => {
      [...row].forEach((dark, x) => {
        if (dark === "1") context.fillRect(x + QUIET, y + QUIET, 1, 1);
      });
    });
    this.dialog.showModal();
  }
}
