//! Stands where the Incus step will be, and says so: bridges and first-boot set-up are still the operator's.

use imp::exit::{self, Failure, Kind};
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::run("imp-incus", |start| {
        if !start.words.is_empty() {
            return Err(Failure::new(Kind::Usage, "usage: imp-incus [--root DIR]"));
        }
        tracing::warn!(
            "nothing is done for Incus in this version: run 'incus admin init --preseed < /run/imp/incus/preseed.yaml' \
             once and enslave the bridges' BR-dp links"
        );
        Ok(())
    })
}
