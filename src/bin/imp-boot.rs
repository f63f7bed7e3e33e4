//! `imp-boot`: what kind of boot this is, whether it is a good one, and the bless.

use imp::boot::step::{assess, bless, classify};
use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-boot", |start| match start.verb_or("") {
        "classify" => classify::start(&start.root),
        "assess" => assess::start(&start.root),
        "bless" => bless::start(&start.root),
        _ => Err(start.usage("imp-boot [--root DIR] classify | assess | bless")),
    })
}
