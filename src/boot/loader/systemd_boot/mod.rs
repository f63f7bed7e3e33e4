//! Read-only-root machines that systemd-boot starts from unified kernels in the ESP's `EFI/Linux`.
//!
//! An image is a file there; its name without a counter is the name it has when it is good. A trial is two things together:
//! the file is called `NAME+0-0.efi`, which sorts last and so is never what power-on starts, and `LoaderEntryOneShot` asks for
//! it once. The boot loader removes the variable, renames the file to `+0-1`, and only then hands over. The bless is one write:
//! the file loses its counter, or, where a default is set or the older image would sort first, `LoaderEntryDefault` names it.
//! An image that came with systemd's own tries (`NAME+3-0.efi`) loses them at its first healthy boot as the default.

mod capability;
mod esp;
mod name;
mod order;
mod pattern;
mod uki;

use super::{Backend, BackendError, Image, Strategy};
use crate::boot::trial::classify::{Attempt, LoaderState, PowerOn, Token};
use crate::host::efi::{VariableName, Variables, decode, encode};
use crate::host::process;
use crate::types::{ImageName, Root};
use esp::Esp;
use name::{Counter, EntryName};
use order::Entry;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::time::Duration;

/// What the name of a drill's copy ends in.
const DRILL: &str = "-drill";
/// It renames one file.
const BLESS_DEADLINE: Duration = Duration::from_secs(10);

/// Whether systemd-boot counted this boot on an entry that had no tries left, and for the first time: it was asked for by a
/// one-shot.
pub fn counted_on_request(variables: &Variables) -> bool {
    let path = variables.read(&VariableName::LoaderBootCountPath).ok().flatten();
    let path = path.and_then(|bytes| decode(&bytes)).unwrap_or_default();
    let name = path.rsplit('\\').next().and_then(EntryName::parse);
    name.is_some_and(|name| name.counter() == Some(Counter::REQUESTED_ONCE))
}

/// A machine that systemd-boot started.
#[derive(Debug)]
pub struct SystemdBoot {
    root: Root,
    variables: Variables,
    /// Name and version, as the boot loader says.
    info: String,
}

impl SystemdBoot {
    /// This backend, if the boot loader says that it is systemd-boot.
    pub fn of(root: &Root) -> Option<Self> {
        let variables = Variables::of(root).ok()?;
        let info = decode(&variables.read(&VariableName::LoaderInfo).ok()??)?;
        info.starts_with("systemd-boot").then(|| Self {
            root: root.clone(),
            variables,
            info,
        })
    }

    fn esp(&self) -> Result<Esp, BackendError> {
        Esp::of(&self.root, &self.variables)
    }

    fn text(&self, name: VariableName) -> Result<Option<String>, BackendError> {
        match self.variables.read(&name)? {
            None => Ok(None),
            Some(bytes) => decode(&bytes)
                .map(Some)
                .ok_or_else(|| BackendError::Unreadable(format!("the variable {name} holds no text"))),
        }
    }

    fn set_text(&self, name: VariableName, text: &str) -> Result<(), BackendError> {
        let _ = self.variables.write(&name, &encode(&format!("{text}\0")))?;
        Ok(())
    }

    /// The entry that runs. The boot loader tells its id in lower case, and with or without a counter.
    fn booted(&self, esp: &Esp) -> Result<EntryName, BackendError> {
        let id = self.text(VariableName::LoaderEntrySelected)?.unwrap_or_default();
        let name = EntryName::of_id(&id).ok_or_else(|| {
            BackendError::Unreadable(format!(
                "the boot loader says it started '{id}', which is not an entry"
            ))
        })?;
        let found = esp.kernels()?.into_iter().find(|kernel| kernel.is_same(&name));
        Ok(found.unwrap_or(name))
    }

    /// What the boot loader starts when it is asked for nothing: the first entry that the default names, else the first.
    fn default(&self, esp: &Esp, entries: &[Entry]) -> Result<PowerOn, BackendError> {
        let patterns = [
            self.text(VariableName::LoaderEntryDefault)?,
            esp.setting("default")?,
        ];
        let named = patterns.into_iter().flatten().find_map(|pattern| {
            let without_profile = pattern.rsplit_once('@').map(|(entry, _)| entry.to_owned());
            entries.iter().find(|entry| {
                // Whether an id has its counter and its profile depends on the boot loader; what may be meant is taken as meant.
                let ids = [entry.name.image(), entry.name.to_string()];
                let patterns = without_profile.iter().chain([&pattern]);
                patterns
                    .into_iter()
                    .any(|pattern| ids.iter().any(|id| pattern::matches(pattern, id)))
            })
        });
        let entry = named
            .or(entries.first())
            .ok_or_else(|| BackendError::Unreadable(format!("no entry in {}", esp.path().display())))?;
        let image = entry.name.image();
        Ok(image.parse().map_or(PowerOn::Other(image), PowerOn::Image))
    }

    fn token(&self, esp: &Esp, booted: &EntryName) -> Result<Token, BackendError> {
        let Some(attempt) = esp.trial()? else {
            return Ok(Token::None);
        };
        let Ok(name) = esp.kernel(&attempt.image) else {
            return Ok(Token::Absent(attempt));
        };
        if self.text(VariableName::LoaderEntryOneShot)?.as_deref() == Some(&name.pattern()) {
            return Ok(Token::Armed(attempt));
        }
        let taken = match name.counter() {
            None => true,
            // A start after the one attempt is somebody's choice in the menu. A boot loader that cannot write the ESP leaves 0.
            Some(counter) if name.is_same(booted) => counter.done <= 1,
            Some(counter) => counter.done > 0,
        };
        Ok(if taken {
            Token::Consumed(attempt)
        } else {
            Token::Absent(attempt)
        })
    }

    /// The counter is gone from the name of the image's file.
    fn bless(&self, esp: &Esp, image: &ImageName) -> Result<(), BackendError> {
        let name = esp.kernel(image)?;
        if name.counter().is_none() {
            return Ok(());
        }
        if !name.is_same(&self.booted(esp)?) {
            return esp.rename(&name, &name.counted(None));
        }
        self.bless_counted(esp, image)
    }

    /// The counter is gone from the name of the file that the boot loader counted this boot on.
    fn bless_counted(&self, esp: &Esp, image: &ImageName) -> Result<(), BackendError> {
        self.counted(esp)?;
        let _ = self.bless_boot(esp, "good")?;
        let status = self.bless_boot(esp, "status")?;
        // It ends well also when a file of the new name was in its way (systemd#33504).
        let path = self.text(VariableName::LoaderBootCountPath)?;
        if status != "good" || path.is_some_and(|path| esp.holds(&path)) {
            return Err(BackendError::NotRead(format!(
                "the bless of '{image}' (systemd-bless-boot says '{status}')"
            )));
        }
        Ok(())
    }

    fn bless_boot(&self, esp: &Esp, verb: &str) -> Result<String, BackendError> {
        let program = self.bless_program().display().to_string();
        let path = format!("--path={}", esp.path().display());
        Ok(process::run(&program, &[&path, verb], BLESS_DEADLINE)?)
    }
}

impl Backend for SystemdBoot {
    fn name(&self) -> &'static str {
        "systemd-boot"
    }

    fn loader(&self) -> Result<LoaderState, BackendError> {
        let esp = self.esp()?;
        let booted = self.booted(&esp)?;
        Ok(LoaderState {
            booted: image_name(&booted)?,
            default: self.default(&esp, &esp.entries()?)?,
            token: self.token(&esp, &booted)?,
        })
    }

    fn images(&self) -> Result<Vec<Image>, BackendError> {
        let esp = self.esp()?;
        // An entry that is none of ours may run.
        let booted = self.booted(&esp).ok();
        let mut images = Vec::new();
        for kernel in esp.kernels()? {
            // A file that cannot be named cannot be tried either.
            let Ok(name) = image_name(&kernel) else { continue };
            let (identity, bytes) = digest(&esp, &kernel)?;
            images.push(Image {
                name,
                identity,
                mounted: booted
                    .as_ref()
                    .is_some_and(|booted| kernel.is_same(booted))
                    .then(|| self.root.path().to_path_buf()),
                bytes: Some(bytes),
            });
        }
        images.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(images)
    }

    /// They are inside of a kernel image, on an ESP that may be slow.
    fn sees_other_images(&self) -> bool {
        false
    }

    fn strategies(&self) -> Vec<Strategy> {
        vec![Strategy {
            name: "one-shot",
            proof: self.proof().map_err(|error| error.to_string()),
            not_covered: "entries on an XBOOTLDR partition; firmware that forgets its variables does not attempt the image, it boots the one that was",
        }]
    }

    fn check(&self, image: &ImageName) -> Result<(), BackendError> {
        let esp = self.esp()?;
        let path = esp.kernel_path(&esp.kernel(image)?);
        let problem = match uki::problem(&path) {
            Ok(None) => return Ok(()),
            Ok(Some(problem)) => problem,
            Err(error) => format!("is not a unified kernel: {error}"),
        };
        Err(BackendError::Image {
            image: image.clone(),
            problem,
        })
    }

    fn prepare(&self, attempt: &Attempt) -> Result<(), BackendError> {
        let refuse = |problem: &str| {
            Err(BackendError::Image {
                image: attempt.image.clone(),
                problem: problem.to_owned(),
            })
        };
        let _ = self.proof()?;
        self.check(&attempt.image)?;
        let esp = self.esp()?;
        let name = esp.kernel(&attempt.image)?;
        if name.is_same(&self.booted(&esp)?) {
            return refuse("is the running image");
        }
        if uki::waits_in_a_panic(&esp.kernel_path(&name)).unwrap_or_default() {
            return refuse(
                "has panic=0 on its command line, so a panic would wait for ever: build it without",
            );
        }
        let mut entries = esp.entries()?;
        for entry in &mut entries {
            if entry.name.is_same(&name) {
                entry.name = entry.name.counted(Some(Counter::ON_REQUEST));
            }
        }
        entries.sort_by(Entry::compare);
        if self.default(&esp, &entries)? == attempt.image {
            return refuse("is what power-on starts: name another one with 'bootctl set-default'");
        }
        esp.rename(&name, &name.counted(Some(Counter::ON_REQUEST)))?;
        esp.set_trial(attempt)
    }

    fn arm(&self, attempt: &Attempt) -> Result<(), BackendError> {
        let esp = self.esp()?;
        let name = esp.kernel(&attempt.image)?;
        let pattern = name.pattern();
        self.one_shot_is_free(&esp)?;
        for entry in esp.entries()? {
            let ids = [entry.name.image(), entry.name.to_string()];
            if !entry.name.is_same(&name) && ids.iter().any(|id| pattern::matches(&pattern, id)) {
                return Err(BackendError::Image {
                    image: attempt.image.clone(),
                    problem: format!(
                        "is too similar to {}: a one-shot entry could start either",
                        entry.name
                    ),
                });
            }
        }
        self.set_text(VariableName::LoaderEntryOneShot, &pattern)
    }

    fn set_default(&self, image: &ImageName) -> Result<(), BackendError> {
        let esp = self.esp()?;
        self.bless(&esp, image)?;
        if self.default(&esp, &esp.entries()?)? == *image {
            return Ok(());
        }
        let path = esp.kernel_path(&esp.kernel(image)?);
        let entry = match uki::has_profiles(&path) {
            // The first of its entries: no id is the file's name alone.
            Ok(true) => format!("{image}*"),
            _ => image.to_string(),
        };
        self.set_text(VariableName::LoaderEntryDefault, &entry)?;
        if self.default(&esp, &esp.entries()?)? == *image {
            Ok(())
        } else {
            Err(BackendError::NotRead(format!("the default '{image}'")))
        }
    }

    /// The counter is gone from the name of the entry's file, of either type; the order of the entries is the same without it.
    fn confirm(&self, image: &ImageName) -> Result<(), BackendError> {
        let esp = self.esp()?;
        match self.text(VariableName::LoaderBootCountPath)? {
            None => self.counted(&esp),
            Some(path) if !esp.holds(&path) && self.bless_boot(&esp, "status")? == "good" => Ok(()),
            Some(_) => self.bless_counted(&esp, image),
        }
    }

    fn clear(&self) -> Result<(), BackendError> {
        let esp = self.esp()?;
        // What an operator asked for is left alone.
        if self.others_one_shot(&esp)?.is_none() {
            let _ = self.variables.delete(&VariableName::LoaderEntryOneShot)?;
        }
        esp.remove_trial()
    }

    fn remark(&self, _: &Attempt) -> Option<String> {
        self.why_not().ok().flatten()
    }

    fn copy_for_drill(&self) -> Result<ImageName, BackendError> {
        let esp = self.esp()?;
        esp.writable()?;
        let booted = self.booted(&esp)?;
        let copy = booted.with_ending(DRILL).counted(Some(Counter::ON_REQUEST));
        let image = image_name(&copy)?;
        if booted.has_ending(DRILL) {
            return Err(BackendError::Image {
                image: image_name(&booted)?,
                problem: "is the copy of a drill".to_owned(),
            });
        }
        self.remove_drill(&image)?;
        esp.copy(&booted, &copy)?;
        Ok(image)
    }

    fn remove_drill(&self, image: &ImageName) -> Result<(), BackendError> {
        let esp = self.esp()?;
        let booted = self.booted(&esp)?;
        for kernel in esp.kernels()? {
            let meant = kernel.image() == image.as_ref();
            if meant && kernel.has_ending(DRILL) && !kernel.is_same(&booted) {
                esp.remove(&kernel)?;
            }
        }
        Ok(())
    }
}

fn image_name(name: &EntryName) -> Result<ImageName, BackendError> {
    let image = name.image();
    image
        .parse()
        .map_err(|error| BackendError::Unreadable(format!("the boot entry '{image}': {error}")))
}

/// The SHA-256 of an image's file, and how long it is.
fn digest(esp: &Esp, name: &EntryName) -> Result<(String, u64), BackendError> {
    let path = esp.kernel_path(name);
    let mut hash = Sha256::new();
    let mut length = 0;
    let read = std::fs::File::open(&path).and_then(|mut file| {
        let mut part = vec![0; 1 << 20];
        loop {
            match file.read(&mut part)? {
                0 => return Ok(()),
                taken => {
                    hash.update(&part[..taken]);
                    length += taken as u64;
                }
            }
        }
    });
    read.map_err(|source| BackendError::File {
        subject: path.display().to_string(),
        source,
    })?;
    Ok((base16ct::lower::encode_string(&hash.finalize()), length))
}

#[cfg(test)]
mod tests;
