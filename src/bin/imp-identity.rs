//! Who this machine is: host key, identity files, persistent directories, host name.

use caps::Capability::{CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_SYS_ADMIN};
use imp::exit;
use imp::host::privilege;
use imp::step;
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::run("imp-identity", |start| {
        privilege::keep(&[CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_SYS_ADMIN])?;
        match start.words.as_slice() {
            [] => step::identity::start(&start.root),
            _ => Err(start.usage("imp-identity [--root DIR]")),
        }
    })
}
