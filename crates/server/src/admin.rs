//! `rotunda config`, `rotunda project`, `rotunda api-token`.

use crate::cli::{ApiTokenVerb, ConfigVerb, ProjectVerb};
use crate::config::print;
use crate::serve::{RunError, database};
use std::path::Path;

/// Prints the configuration.
pub fn config(verb: ConfigVerb) -> Result<(), RunError> {
    let ConfigVerb::Print(flags) = verb;
    let layers = flags.into_layers(false)?;
    layers.config()?;
    print!("{}", print(&layers));
    Ok(())
}

/// Makes and lists projects.
pub async fn project(verb: ProjectVerb) -> Result<(), RunError> {
    match verb {
        ProjectVerb::Create { name, data_dir } => {
            let project = database(&data_dir).await?.create_project(None, &name).await?;
            println!("{}", project.id);
        }
        ProjectVerb::List { data_dir } => {
            for project in database(&data_dir).await?.projects().await? {
                println!("{}  {}", project.id, project.name);
            }
        }
    }
    Ok(())
}

/// Makes, lists and revokes API tokens.
pub async fn api_token(verb: ApiTokenVerb) -> Result<(), RunError> {
    match verb {
        ApiTokenVerb::Create { project, scope, data_dir } => {
            let project = id(&project, "--project")?;
            let made = database(&data_dir).await?.create_api_token(project, &scope).await?;
            println!("{}", made.secret);
            eprintln!("id {}; the secret above is not shown again", made.row.id);
        }
        ApiTokenVerb::List { project, data_dir } => list(&project, &data_dir).await?,
        ApiTokenVerb::Revoke { id: token, data_dir } => {
            let token: uuid::Uuid = id(&token, "the token's id")?;
            database(&data_dir).await?.revoke_api_token(token).await?;
        }
    }
    Ok(())
}

async fn list(project: &str, data_dir: &Path) -> Result<(), RunError> {
    let project = id(project, "--project")?;
    for token in database(data_dir).await?.api_tokens(project).await? {
        let state = if token.revoked_at_ms.is_some() { "revoked" } else { "valid" };
        println!("{}  {}  {state}", token.id, token.scopes.join(","));
    }
    Ok(())
}

fn id<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, RunError> {
    text.parse().map_err(|_| RunError::NotAnId(what))
}
