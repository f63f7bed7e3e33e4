//! Whether this boot loader and this machine can try an image, asked before anything is promised.

use super::{BackendError, Esp, SystemdBoot};
use crate::boot::loader::reboot;
use crate::host::efi::VariableName;
use std::path::PathBuf;

/// Bits of `LoaderFeatures` (systemd.io/BOOT_LOADER_INTERFACE).
const ONE_SHOT: u64 = 1 << 3;
const BOOT_COUNTING: u64 = 1 << 4;

impl SystemdBoot {
    /// How this machine was found able to try an image, or why it is not.
    pub(super) fn proof(&self) -> Result<String, BackendError> {
        reboot::reaches_firmware(&self.root)?;
        self.takes_one_shots()?;
        self.variables.writable()?;
        let esp = self.esp()?;
        esp.writable()?;
        self.one_shot_is_free(&esp)?;
        self.counted(&esp)?;
        self.default_is_ours(&esp)?;
        if !self.bless_program().exists() {
            return incapable("systemd-bless-boot is not installed (Debian's package systemd-boot)");
        }
        Ok(format!(
            "{} supports one-shot entries and boot counting; the ESP on {} and the firmware's variables are writable",
            self.info,
            esp.path().display()
        ))
    }

    pub(super) fn bless_program(&self) -> PathBuf {
        self.root.join("usr/lib/systemd/systemd-bless-boot")
    }

    fn takes_one_shots(&self) -> Result<(), BackendError> {
        let features = self.variables.read(&VariableName::LoaderFeatures)?;
        let features = features
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, u64::from_le_bytes);
        if features & ONE_SHOT == 0 || features & BOOT_COUNTING == 0 {
            return incapable(format!(
                "{} does not support one-shot entries or boot counting",
                self.info
            ));
        }
        Ok(())
    }

    /// The boot loader counted this boot, if there was something to count. One that cannot write the ESP boots on all the same,
    /// and would start an image that only its counter stops again and again.
    pub(super) fn counted(&self, esp: &Esp) -> Result<(), BackendError> {
        let counts = self.variables.read(&VariableName::LoaderBootCountPath)?.is_some();
        let booted = self.booted(esp)?;
        if booted.counter().is_some() && !counts {
            return incapable(format!(
                "the boot loader did not count this boot of {booted}: it cannot write to the ESP"
            ));
        }
        Ok(())
    }

    /// Nobody else asked for an entry at the next boot. What is ours may be asked for again.
    pub(super) fn one_shot_is_free(&self, esp: &Esp) -> Result<(), BackendError> {
        match self.others_one_shot(esp)? {
            Some(taken) => incapable(format!(
                "the next boot was asked to start '{taken}' once (LoaderEntryOneShot): reboot once first, or \
                 'bootctl set-oneshot \"\"' takes that back"
            )),
            None => Ok(()),
        }
    }

    /// What somebody else asked for at the next boot.
    pub(super) fn others_one_shot(&self, esp: &Esp) -> Result<Option<String>, BackendError> {
        let Some(asked) = self.text(VariableName::LoaderEntryOneShot)? else {
            return Ok(None);
        };
        let is_ours = esp.kernels()?.iter().any(|name| name.pattern() == asked);
        Ok((!is_ours).then_some(asked))
    }

    /// What became of a one-shot that did not start the image.
    pub(super) fn why_not(&self) -> Result<Option<String>, BackendError> {
        if let Some(taken) = self.others_one_shot(&self.esp()?)? {
            return Ok(Some(format!(
                "something else asked for '{taken}' at the next boot after the image was armed (LoaderEntryOneShot)"
            )));
        }
        let left = self.text(VariableName::LoaderEntryOneShot)?;
        Ok(left.map(|_| {
            "the boot loader did not take its token (LoaderEntryOneShot): the reboot did not go through it (kexec, soft reboot)"
                .to_owned()
        }))
    }

    /// The default is a name, and only the bless moves it.
    fn default_is_ours(&self, esp: &Esp) -> Result<(), BackendError> {
        let default = [
            self.text(VariableName::LoaderEntryDefault)?,
            esp.setting("default")?,
        ];
        if default.into_iter().flatten().any(|name| name == "@saved") {
            return incapable(
                "the boot loader's default is the entry that ran last (@saved): name one with 'bootctl set-default'",
            );
        }
        let preferred = self.text(VariableName::LoaderEntryPreferred)?;
        if preferred.or(esp.setting("preferred")?).is_some() {
            return incapable(
                "the boot loader has a preferred entry, which goes before any bless: clear it with 'bootctl set-preferred \"\"'",
            );
        }
        Ok(())
    }
}

fn incapable<T>(reason: impl Into<String>) -> Result<T, BackendError> {
    Err(BackendError::Incapable(reason.into()))
}
