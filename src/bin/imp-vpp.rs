//! Gives a VPP instance its commands, one by one, and makes sure that it has them.

use caps::Capability;
use imp::boot::evidence::{self, Phase};
use imp::exit;
use imp::host::privilege;
use imp::step;
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::run("imp-vpp", |start| {
        // Root's socket is root's to connect to. The unit of core grants what puts the devices of pairs into their VRFs.
        privilege::keep_also(&[], &[Capability::CAP_NET_ADMIN])?;
        step::vpp::run(start)?;
        if start.words == ["core"] {
            evidence::mark(&start.root, Phase::Dataplane);
        }
        Ok(())
    })
}
