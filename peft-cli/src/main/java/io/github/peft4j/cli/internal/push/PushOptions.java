package io.github.peft4j.cli.internal.push;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.core.internal.publish.PublishedFolder;
import io.github.peft4j.models.hub.internal.HubName;
import io.github.peft4j.models.hub.push.internal.PushTarget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is pushed of a folder, and what becomes of it there. */
final class PushOptions {

    /** What is pushed. */
    static final class Files {
        @Option(
                names = "--base-model",
                paramLabel = "ID",
                description = "The hub id of the base model: what is pushed names it in place of the folder that the"
                        + " adapter was trained on. The folder itself stays as it is.")
        @Nullable
        String baseModel;

        @Option(
                names = "--include",
                paramLabel = "GLOB",
                description = "Push the files that match, in place of those that make an adapter or a checkpoint"
                        + " (repeatable). What may hold a secret, and the state of a training, stays here in any case.")
        List<String> include = new ArrayList<>();

        @Option(names = "--exclude", paramLabel = "GLOB", description = "Leave out the files that match (repeatable).")
        List<String> exclude = new ArrayList<>();

        PublishedFolder.Choice choice(String title) {
            HubName name = baseModel == null ? null : HubName.of(baseModel);
            if (baseModel != null && (name == null || !name.id().equals(baseModel))) {
                throw new BadInput("--base-model must be a hub id, as OWNER/NAME, got \"" + baseModel + "\"");
            }
            return new PublishedFolder.Choice(title, include, exclude, baseModel);
        }
    }

    /** The repository and the commit. */
    static final class Repository {
        @Option(
                names = "--public",
                description = "Let everybody see it: a new repository is public, and one that is public is pushed to."
                        + " Default: private.")
        boolean open;

        @Option(
                names = "--revision",
                paramLabel = "BRANCH",
                description = "The branch to push to, made if need be. Default: main.")
        @Nullable
        String revision;

        @Option(
                names = "--create-pr",
                description = "Propose the files in a pull request, in place of committing them.")
        boolean pullRequest;

        @Option(
                names = "--message",
                paramLabel = "TEXT",
                description = "What the commit is called. Default: Upload NAME with peft4j.")
        @Nullable
        String message;

        @Option(
                names = "--dry-run",
                description = "Say which files would be pushed, and how. The hub is not asked, and no token needed.")
        boolean dryRun;

        PushTarget target(String id) {
            return BadInput.when(() -> new PushTarget(id, revision == null ? PushTarget.MAIN : revision, pullRequest));
        }

        String messageOr(String title) {
            return message == null ? "Upload " + title + " with peft4j" : message;
        }
    }
}
