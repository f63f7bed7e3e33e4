//! ostree and bootc hosts with GRUB: the order of the deployments is what power-on starts, and a token in an environment file
//! of our own lets GRUB start the one on top, once.
//!
//! | deployments | `imp.env` | GRUB starts |
//! |---|---|---|
//! | G, candidate staged | armed (shutdown puts the candidate on top) | G, if power goes before that |
//! | candidate, G | armed → spent | the candidate, once |
//! | candidate, G | spent, torn | G |
//! | candidate, G | blessed, then none | the candidate: it is the default |
//! | G | spent, then none | G: after a failure the candidate's deployment is removed first |
//! | G, older | spent, then blessed, then none | the older one where power went in between, once; then G |
//!
//! A failed candidate is removed, never put second: with G on top and the token spent, doubt would select it. For the same
//! reason only a *staged* deployment is armed. Neither order needs `ostree admin set-default`, which Debian 12 does not have.

mod block;
mod canary;
mod password;
mod staged;
mod status;
mod sysroot;
mod token;

use super::{Backend, BackendError, Image, Strategy, reboot};
use crate::boot::ledger;
use crate::boot::trial::classify::{Attempt, LoaderState, Token};
use crate::facts;
use crate::types::{ImageName, Root};
use canary::Canary;
use status::Deployment;
use sysroot::Sysroot;
use token::{Found, GrubToken, TokenFile, TokenState};

const NOT_COVERED: &str = "a GRUB that fails itself, or whose menu does not begin with ostree's entries; an update that is staged \
                           after arming, or never armed: it becomes the default unassessed";

/// Whether GRUB took the token of the very deployment that runs, and no bless has changed it since.
pub fn took_token(root: &Root) -> bool {
    let Some(running) = sysroot::running(root) else {
        return false;
    };
    let found = sysroot::GRUB.map(|dir| TokenFile::in_dir(&root.join(dir)).read());
    found.iter().any(|found| match found {
        Ok(Found::Token(token)) => token.state == TokenState::Spent && token.attempt.image == running,
        _ => false,
    })
}

/// A machine whose images are deployments.
#[derive(Debug)]
pub struct Ostree {
    root: Root,
    sysroot: Sysroot,
}

/// The store as it is: the deployments of the boot menu, the staged one, and the token.
struct Store {
    menu: Vec<Deployment>,
    staged: Option<Deployment>,
    found: Found,
}

impl Ostree {
    /// This machine's, when ostree started it.
    pub fn of(root: &Root) -> Option<Self> {
        sysroot::is_booted(root).then(|| Self {
            root: root.clone(),
            sysroot: Sysroot::of(root),
        })
    }

    fn store(&self) -> Result<Store, BackendError> {
        let (staged, menu): (Vec<_>, Vec<_>) = self
            .sysroot
            .deployments()?
            .into_iter()
            .partition(|one| one.staged);
        let found = self.token_file().map_or(Ok(Found::Nothing), |file| file.read())?;
        Ok(Store {
            menu,
            staged: staged.into_iter().next(),
            found,
        })
    }

    fn token_file(&self) -> Option<TokenFile> {
        self.sysroot.grub().map(|dir| TokenFile::in_dir(&dir))
    }

    /// The file, on a machine where GRUB was seen to take tokens away.
    fn proven_token_file(&self) -> Result<TokenFile, BackendError> {
        self.proof().map_err(BackendError::Incapable)?;
        self.token_file()
            .ok_or_else(|| BackendError::Incapable(no_grub()))
    }

    fn proof(&self) -> Result<String, String> {
        reboot::reaches_firmware(&self.root).map_err(|error| error.to_string())?;
        let dir = self.sysroot.grub().ok_or_else(no_grub)?;
        if let Some(reason) = password::waits_for_a_user(self.root.path(), &dir) {
            return Err(reason);
        }
        let boot = facts::boot::id(&self.root).map_err(|error| format!("boot id: {error}"))?;
        Canary::in_dir(&dir).proof(&boot)
    }

    /// The candidate may be armed: whatever GRUB starts without the token, or in doubt of it, is known to be good.
    fn may_be_armed(&self, store: &Store, image: &ImageName) -> Result<ImageName, BackendError> {
        let refused = |image: &ImageName, problem: &str| {
            Err(BackendError::Image {
                image: image.clone(),
                problem: problem.to_owned(),
            })
        };
        if !store.is_staged(image) {
            return refused(
                image,
                "is not staged: 'ostree admin deploy --stage CHECKSUM' or 'bootc upgrade' stages it, and shutdown puts it on \
                 top of the image that runs",
            );
        }
        let staged = store.staged.as_ref();
        if let Some(problem) = staged.and_then(|staged| staged::problem(&self.root, staged)) {
            return refused(image, problem);
        }
        let Some((top, others)) = store.menu.split_first().filter(|(top, _)| top.booted) else {
            return refused(
                &store.booted()?.name,
                "is running but is not on top of the boot menu",
            );
        };
        let (ledger, _) = ledger::read(&self.root);
        let known = |one: &&Deployment| ledger.good.iter().any(|pair| pair.image == one.name);
        match others.iter().find(|one| !known(one)) {
            Some(unknown) => refused(
                &unknown.name,
                "is in the boot menu and was never healthy at a boot; in doubt GRUB would start it: 'ostree admin undeploy' \
                 removes it",
            ),
            None => Ok(top.name.clone()),
        }
    }

    /// The end of a trial whose candidate is not the default. While anything here is left to do, GRUB keeps to the second
    /// entry.
    fn give_back(&self, file: &TokenFile, token: &GrubToken) -> Result<(), BackendError> {
        if token.state == TokenState::Spent && !token.stood && self.store()?.has(&token.attempt.image) {
            // Its deployment is about to go, and with it what tells that it was attempted.
            let stood = GrubToken {
                stood: true,
                ..token.clone()
            };
            file.write_over(&stood)?;
        }
        self.sysroot.remove(&token.attempt.image)?;
        self.top_is(&token.from)?;
        file.remove()
    }

    /// A token whose candidate is gone, under the image that armed it, keeps GRUB from nothing but that image, for ever where a
    /// third one runs in its stead: GRUB goes by the top again. What became of the trial is still told by the token; the next
    /// boot, of the default, closes it.
    fn release(&self) -> Result<(), BackendError> {
        let store = self.store()?;
        let (Found::Token(token), Some(file)) = (&store.found, self.token_file()) else {
            return Ok(());
        };
        let is_gone = !store.has(&token.attempt.image) && !store.is_staged(&token.attempt.image);
        // Whatever else is on top was not tried.
        if !is_gone || store.top()?.name != token.from {
            return Ok(());
        }
        file.write_over(&GrubToken {
            state: TokenState::Blessed,
            ..token.clone()
        })
    }

    /// What runs is on top: without the token it is what power-on starts.
    fn top_is(&self, image: &ImageName) -> Result<(), BackendError> {
        let store = self.store()?;
        let top = store.top()?;
        if top.name == *image {
            return Ok(());
        }
        Err(BackendError::Image {
            image: top.name.clone(),
            problem: format!(
                "is on top of the boot menu and was not tried; GRUB starts the second entry until 'ostree admin undeploy' has \
                 removed it and '{image}' is on top"
            ),
        })
    }
}

impl Store {
    fn top(&self) -> Result<&Deployment, BackendError> {
        let none = || BackendError::Unreadable("'ostree admin status' shows no deployment".to_owned());
        self.menu.first().ok_or_else(none)
    }

    fn booted(&self) -> Result<&Deployment, BackendError> {
        let none = || {
            BackendError::Unreadable("'ostree admin status' does not say which deployment runs".to_owned())
        };
        self.menu.iter().find(|one| one.booted).ok_or_else(none)
    }

    fn has(&self, image: &ImageName) -> bool {
        self.menu.iter().any(|one| one.name == *image)
    }

    fn is_staged(&self, image: &ImageName) -> bool {
        self.staged.as_ref().is_some_and(|staged| staged.name == *image)
    }

    /// What GRUB starts in doubt.
    fn second(&self) -> Result<&Deployment, BackendError> {
        self.menu.get(1).map_or_else(|| self.top(), Ok)
    }

    fn loader(&self) -> Result<LoaderState, BackendError> {
        let (default, token) = match &self.found {
            Found::Nothing => (&self.top()?.name, Token::None),
            Found::Torn => (&self.second()?.name, Token::None),
            Found::Token(token) => self.with(token)?,
        };
        Ok(LoaderState {
            booted: self.booted()?.name.clone(),
            default: default.clone().into(),
            token,
        })
    }

    fn with<'s>(&'s self, token: &'s GrubToken) -> Result<(&'s ImageName, Token), BackendError> {
        let attempt = token.attempt.clone();
        let back = match self.has(&token.from) {
            true => &token.from,
            false => &self.second()?.name,
        };
        let stands = self.has(&attempt.image) || token.stood;
        Ok(match token.state {
            TokenState::Blessed if stands => (&self.top()?.name, Token::Consumed(attempt)),
            TokenState::Blessed => (&self.top()?.name, Token::Absent(attempt)),
            TokenState::Armed if stands || self.is_staged(&attempt.image) => (back, Token::Armed(attempt)),
            TokenState::Spent if stands => (back, Token::Consumed(attempt)),
            // Power went before shutdown had put it on top.
            TokenState::Armed | TokenState::Spent => (back, Token::Absent(attempt)),
        })
    }
}

impl Backend for Ostree {
    fn name(&self) -> &'static str {
        "ostree"
    }

    fn loader(&self) -> Result<LoaderState, BackendError> {
        self.store()?.loader()
    }

    fn images(&self) -> Result<Vec<Image>, BackendError> {
        let found = self.sysroot.deployments()?;
        let image = |one: Deployment| Image {
            mounted: Some(self.sysroot.folder(&one)),
            name: one.name,
            identity: one.checksum,
            bytes: None,
        };
        Ok(found.into_iter().map(image).collect())
    }

    fn strategies(&self) -> Vec<Strategy> {
        vec![Strategy {
            name: "grub-env",
            proof: self.proof(),
            not_covered: NOT_COVERED,
        }]
    }

    fn check(&self, image: &ImageName) -> Result<(), BackendError> {
        let found = self.sysroot.deployments()?;
        let one = found.iter().find(|one| one.name == *image);
        let one = one.ok_or_else(|| sysroot::missing(image))?;
        let folder = self.sysroot.folder(one);
        let lack = sysroot::lacks(&folder).map(|lack| format!("has {lack}"));
        match lack.or_else(|| reboot::problem(&folder).map(str::to_owned)) {
            None => Ok(()),
            Some(problem) => Err(BackendError::Image {
                image: image.clone(),
                problem,
            }),
        }
    }

    /// Nothing is written: what arming needs is there, or it is refused.
    fn prepare(&self, attempt: &Attempt) -> Result<(), BackendError> {
        let _ = self.proven_token_file()?;
        self.may_be_armed(&self.store()?, &attempt.image).map(drop)
    }

    fn arm(&self, attempt: &Attempt) -> Result<(), BackendError> {
        let from = self.may_be_armed(&self.store()?, &attempt.image)?;
        self.proven_token_file()?.write(&GrubToken {
            state: TokenState::Armed,
            attempt: attempt.clone(),
            from,
            stood: false,
        })
    }

    /// A candidate on top is blessed by one sector of the token file; the file goes with [`Backend::clear`].
    fn set_default(&self, image: &ImageName) -> Result<(), BackendError> {
        let store = self.store()?;
        if store.loader()?.default == *image {
            return Ok(());
        }
        match (&store.found, self.token_file()) {
            (Found::Token(token), Some(file))
                if token.attempt.image == *image && store.top()?.name == *image =>
            {
                file.write_over(&GrubToken {
                    state: TokenState::Blessed,
                    ..token.clone()
                })
            }
            (Found::Nothing, _) => self.sysroot.put_on_top(image),
            _ => Err(BackendError::Image {
                image: image.clone(),
                problem: "is not the image of the open trial: 'impctl boot disarm' first".to_owned(),
            }),
        }
    }

    fn clear(&self) -> Result<(), BackendError> {
        let Some(file) = self.token_file() else {
            return Ok(());
        };
        match self.store()?.found {
            Found::Nothing => Ok(()),
            Found::Token(token) if token.state == TokenState::Blessed => file.remove(),
            Found::Token(token) => self.give_back(&file, &token),
            Found::Torn => {
                self.top_is(&self.store()?.booted()?.name)?;
                file.remove()
            }
        }
    }

    fn renew_proof(&self) -> Result<(), BackendError> {
        let Some(dir) = self.sysroot.grub() else {
            return Ok(());
        };
        let released = self.release();
        let boot = facts::boot::id(&self.root).map_err(|source| BackendError::File {
            subject: "boot id".to_owned(),
            source,
        })?;
        Canary::in_dir(&dir).renew(&boot)?;
        released
    }

    fn remark(&self, attempt: &Attempt) -> Option<String> {
        let store = self.store().ok()?;
        let is_armed = matches!(&store.found, Found::Token(token) if token.state == TokenState::Armed);
        match store.has(&attempt.image) || store.is_staged(&attempt.image) {
            true => is_armed.then(|| staged::NOT_TAKEN.to_owned()),
            // Shutdown did not put it on top.
            false => staged::failure(&self.root),
        }
    }

    /// The commit that runs, staged once more.
    fn copy_for_drill(&self) -> Result<ImageName, BackendError> {
        let store = self.store()?;
        if let Some(staged) = &store.staged {
            return Err(BackendError::Image {
                image: staged.name.clone(),
                problem: "is staged already, and would be replaced: deploy or undeploy it first".to_owned(),
            });
        }
        self.sysroot.stage_again(store.booted()?)?;
        let staged = self.store()?.staged.map(|staged| staged.name);
        staged.ok_or_else(|| BackendError::NotRead("a staged deployment".to_owned()))
    }

    fn remove_drill(&self, image: &ImageName) -> Result<(), BackendError> {
        self.sysroot.remove(image)
    }
}

fn no_grub() -> String {
    "no GRUB configuration found (boot/grub2/grub.cfg, boot/grub/grub.cfg), so there is no place for a token"
        .to_owned()
}

#[cfg(test)]
mod tests;
