//! `imp-boot`: what kind of boot this is, whether it is a good one, the bless, and what is left behind when it is not.

use imp::boot::evidence::{self, Phase};
use imp::boot::step::{assess, bless, classify};
use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-boot", |start| match start.verb_or("") {
        "classify" => classify::start(&start.root),
        "assess" => assess::start(&start.root),
        "bless" => bless::start(&start.root),
        "emergency" => evidence::emergency(&start.root),
        "deadline" => evidence::deadline(&start.root),
        "shutdown" => {
            evidence::mark(&start.root, Phase::Shutdown);
            Ok(())
        }
        _ => {
            Err(start
                .usage("imp-boot [--root DIR] classify | assess | bless | emergency | deadline | shutdown"))
        }
    })
}
