//! `rotunda agent`, `rotunda livechat`: who manages live-chat sites, and which site governs a project.

use crate::admin::{chosen, missing, read_password};
use crate::cli::{AgentVerb, LivechatVerb};
use crate::error::RunError;
use crate::say::{answer, aside};
use rotunda_domain::ProjectId;
use rotunda_hub::{AgentRow, LivechatConfig, SiteId, StoreError, hash_password};

/// Longest address, in bytes (RFC 5321 §4.5.3.1.3).
const EMAIL_BYTES: usize = 254;

/// Keeps, lists and forgets agents.
///
/// # Errors
/// As [`project`](crate::admin::project); `NotAnEmail` or `ShortPassword` when the address of a
/// new agent is none or the password too short, `File` when the standard input cannot be read,
/// `Taken` when there is an agent with that address, `Missing` when there is none to remove.
pub async fn agent(verb: AgentVerb) -> Result<(), RunError> {
    match verb {
        AgentVerb::Add { site, email, manage_settings, data } => {
            let agent = AgentRow {
                id: uuid::Uuid::new_v4(),
                site: SiteId(site),
                email: address(email)?,
                password: hash_password(&read_password()?)?,
                manages_settings: manage_settings,
            };
            let made = data.database().await?.create_agent(&agent).await;
            answer(format_args!(
                "{}",
                made.map_err(|error| taken(error, "an agent with this email"))?
            ))?;
            aside(format_args!("the API key above is not shown again"));
        }
        AgentVerb::List { data } => {
            for agent in data.database().await?.agents().await? {
                let may = if agent.manages_settings { "  manage-settings" } else { "" };
                answer(format_args!("{}  site {}  {}{may}", agent.id, agent.site, agent.email))?;
            }
        }
        AgentVerb::Remove { email, data } => {
            let gone = data.database().await?.delete_agent(&email).await;
            gone.map_err(|error| missing(error, "agent with this email"))?;
        }
    }
    Ok(())
}

/// Links projects to sites.
///
/// # Errors
/// As [`project`](crate::admin::project); `NotAnId` when the project's id is no UUID, `NoProject`
/// when there is no such project or none at all, `Missing` when there is no such site or none
/// governs the project, `Taken` when another site does.
pub async fn livechat(verb: LivechatVerb) -> Result<(), RunError> {
    match verb {
        LivechatVerb::Link { site, project, data } => {
            let store = data.database().await?;
            let project = chosen(&store, project).await?;
            let linked = store.link_livechat(SiteId(site), project).await;
            let linked =
                linked.map_err(|error| missing(error, "site; `rotunda agent add` makes it"));
            let site = linked.map_err(|error| match error {
                RunError::Store(error) => taken(error, "another site that governs the project"),
                other => other,
            })?;
            answer(format_args!("{}", reported(project, &site)))?;
        }
        LivechatVerb::Unlink { project, data } => {
            let store = data.database().await?;
            let project = chosen(&store, project).await?;
            let unlinked = store.unlink_livechat(project).await;
            unlinked.map_err(|error| missing(error, "site that governs the project"))?;
        }
    }
    Ok(())
}

fn reported(project: ProjectId, site: &LivechatConfig) -> String {
    let joins = match site.enabled {
        true => "people can join",
        false => "it is switched off, so nobody can join from now on",
    };
    let recorded = if site.record { "; sessions that begin are recorded" } else { "" };
    format!("site {} governs project {project}: {joins}{recorded}", site.site)
}

/// A colon would end the name in a Basic header.
fn address(text: String) -> Result<String, RunError> {
    let is_odd = |c: char| c == ':' || c.is_whitespace() || c.is_control();
    let halves = text.split_once('@').filter(|(user, host)| !user.is_empty() && !host.is_empty());
    let is_one = halves.is_some() && text.len() <= EMAIL_BYTES && !text.contains(is_odd);
    if is_one { Ok(text) } else { Err(RunError::NotAnEmail(text)) }
}

fn taken(error: StoreError, what: &'static str) -> RunError {
    match error {
        StoreError::NotUnique => RunError::Taken(what),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_halves_and_nothing_that_ends_a_name_in_a_header() {
        assert!(address("ann@example.org".into()).is_ok());
        let long = format!("{}@example.org", "a".repeat(EMAIL_BYTES));
        for bad in ["", "ann", "@example.org", "ann@", "a:b@example.org", "a b@example.org", &long]
        {
            assert!(address(bad.into()).is_err(), "{bad}");
        }
    }
}
