//! `imp-boot`: what kind of boot this is, whether it is a good one, the bless, and what is left behind when it is not.

use caps::Capability::{
    self, CAP_DAC_OVERRIDE, CAP_KILL, CAP_LINUX_IMMUTABLE, CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN,
};
use imp::act::privilege;
use imp::boot::evidence::{self, Phase};
use imp::boot::step::{assess, bless, classify};
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
            "emergency" => evidence::emergency(&start.root),
            "deadline" => evidence::deadline(&start.root),
            "shutdown" => {
                evidence::mark(&start.root, Phase::Shutdown);
                Ok(())
            }
            _ => Err(start
                .usage("imp-boot [--root DIR] classify | assess | bless | emergency | deadline | shutdown")),
        }
    })
}

fn rights(verb: &str) -> &'static [Capability] {
    match verb {
        // zfs(8); and the variables of a boot loader are immutable files.
        "classify" | "bless" | "emergency" => &[CAP_SYS_ADMIN, CAP_LINUX_IMMUTABLE],
        // Looks into the namespace; and FRR's sockets belong to frr.
        "assess" => &[
            CAP_SYS_ADMIN,
            CAP_DAC_OVERRIDE,
            CAP_NET_ADMIN,
            CAP_NET_RAW,
            CAP_KILL,
        ],
        _ => &[],
    }
}
