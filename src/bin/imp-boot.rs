//! `imp-boot`: what kind of boot this is, whether it is a good one, the bless, and what is left behind when it is not.

use imp::boot::evidence::{self, Phase};
use imp::host::privilege;
use imp::step::boot::{arm, assess, bless, classify, emergency, rights};
use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-boot", |start| {
        let verb = start.verb_or("");
        // Whatever is missing is found out by what needs it: a trial without a verdict would be worse.
        privilege::keep_also(&[], rights(verb))?;
        match verb {
            "classify" => classify::start(&start.root),
            "assess" => assess::start(&start.root),
            "bless" => bless::start(&start.root),
            "emergency" => emergency::emergency(&start.root),
            "deadline" => emergency::deadline(&start.root),
            "shutdown" => {
                evidence::mark(&start.root, Phase::Shutdown);
                arm::shut_down(&start.root)
            }
            _ => Err(start
                .usage("imp-boot [--root DIR] classify | assess | bless | emergency | deadline | shutdown")),
        }
    })
}
