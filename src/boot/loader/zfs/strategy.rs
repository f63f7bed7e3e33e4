//! The ways to try an image once on a machine with a pool, and what each asks of the image.

use super::{Zfs, firmware, power_on, script};
use crate::boot::loader::{BackendError, Strategy};
use crate::boot::trial::panic::{OnPanic, on_panic};
use crate::host::efi::Variables;
use crate::types::ImageName;

/// The firmware's way; the others are scripts.
pub(super) const BOOTNEXT: &str = "bootnext";

impl Zfs {
    /// The ways to try an image, the best first. None where a bless would not change what power-on starts.
    pub(super) fn ways(&self) -> Vec<Strategy> {
        vec![
            Strategy {
                name: BOOTNEXT,
                proof: decided(self).and_then(Self::bootnext_proof),
                not_covered: "an image whose kernel does not load, and a ZFSBootMenu before 3.1.0, wait in \
                              ZFSBootMenu's menu until somebody resets the machine, and a hang waits for a watchdog; the \
                              reset lands on the default",
            },
            Strategy {
                name: "zbm-hook",
                proof: decided(self).and_then(|own| script::hook_proof(&own.root, &own.pools, &own.images)),
                not_covered: "encrypted images and a pool that is not ONLINE are refused; zbm.kcl_override does not \
                              reach the trial; a hang behind the start of the image's kernel needs a watchdog or \
                              somebody who resets the machine",
            },
            Strategy {
                name: "initramfs",
                proof: decided(self)
                    .and_then(|own| script::initramfs_proof(&own.root, &own.pools, &own.images)),
                not_covered: "encrypted images and a pool that is not ONLINE are refused; the trial goes through the \
                              default's kernel first, so hardware is started twice; a hang behind the start of the \
                              image's kernel needs a watchdog or somebody who resets the machine",
            },
        ]
    }

    /// A trial whose kernel panics has to come back by itself. The scripts add `panic=10` to a line that does not say;
    /// ZFSBootMenu starts the image with the line as it is.
    pub(super) fn refuse_lasting_panic(
        &self,
        image: &ImageName,
        line: &str,
        strategy: &str,
    ) -> Result<(), BackendError> {
        let found = match on_panic(line) {
            OnPanic::Resets => return Ok(()),
            OnPanic::Unsaid if strategy != BOOTNEXT => return Ok(()),
            OnPanic::Unsaid => "has no panic= on its command line",
            OnPanic::Waits => "has panic=0 on its command line",
        };
        Err(self.problem(
            image,
            format!(
                "{found}, so a panic would wait for ever: \
                 'zfs set org.zfsbootmenu:commandline=\"… panic=10\" {image}'"
            ),
        ))
    }

    fn bootnext_proof(&self) -> Result<String, String> {
        let proof = || {
            let menu = firmware::menu(&self.root, &Variables::of(&self.root)?)?;
            Ok(format!(
                "efivarfs is writable, and Boot{:04X} '{}' starts ZFSBootMenu; 'impctl boot drill' proves \
                 that this firmware obeys BootNext",
                menu.number, menu.description
            ))
        };
        proof().map_err(|error: BackendError| error.to_string())
    }

    /// The name of the way that is used.
    pub(super) fn chosen(&self) -> Result<&'static str, BackendError> {
        let strategies = self.ways();
        if let Some(strategy) = strategies.iter().find(|strategy| strategy.proof.is_ok()) {
            return Ok(strategy.name);
        }
        let why = strategies
            .iter()
            .filter_map(|strategy| Some(format!("{}: {}", strategy.name, strategy.proof.as_ref().err()?)));
        Err(BackendError::Incapable(format!(
            "nothing here can try an image once; {}",
            why.collect::<Vec<_>>().join("; ")
        )))
    }
}

/// What is blessed is what power-on starts.
fn decided(zfs: &Zfs) -> Result<&Zfs, String> {
    power_on::decided_elsewhere(&zfs.root).map_or(Ok(zfs), Err)
}
