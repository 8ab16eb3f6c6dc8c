package io.github.peft4j.core.internal.publish;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.internal.store.FrontMatter;
import io.github.peft4j.core.internal.store.ModelCard;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.pretrained.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The card of what is published: the folder's own, or a short one that says what it is. */
final class PublishedCard {

    private static final String BASE = "base_model";

    private PublishedCard() {}

    /** Its text, or null if the one in the folder stays as it is. */
    static @Nullable String text(Path folder, String title, BaseModelName base) throws CheckpointException {
        Path file = UntrustedFolder.file(folder, AdapterStore.CARD);
        @Nullable String own = InputFile.textIfPresent(file, ConfigJson.LIMITS.bytes());
        if (own == null) {
            return Files.exists(folder.resolve(AdapterStore.CONFIG))
                    ? ofAdapter(folder, base)
                    : ofCheckpoint(folder, title, base.found());
        }
        if (base.wanted() == null) {
            return null;
        }
        FrontMatter head = FrontMatter.of(base.replaced(own));
        head.set(Map.of(BASE, base.wanted()));
        String changed = head.with(head.text());
        return changed.equals(own) ? null : changed;
    }

    private static String ofAdapter(Path folder, BaseModelName base) throws CheckpointException {
        Map<String, @Nullable Object> config =
                InputFile.json(UntrustedFolder.file(folder, AdapterStore.CONFIG), ConfigJson.LIMITS);
        Object version = config.get("peft_version");
        return new ModelCard(
                        String.valueOf(config.get("peft_type")),
                        "transformer",
                        base.found(),
                        "CAUSAL_LM".equals(config.get("task_type")),
                        version instanceof String text ? text : CommonSettings.PEFT_VERSION)
                .create();
    }

    private static String ofCheckpoint(Path folder, String title, @Nullable String baseModel)
            throws CheckpointException {
        ModelLocation location = ModelLocation.ofFolder(folder);
        ConfigJson config = ConfigJson.read(location.folder());
        boolean sentences = location.ofSentenceTransformers();
        Map<String, Object> values = new TreeMap<>();
        values.put("library_name", sentences ? "sentence-transformers" : "transformers");
        if (baseModel != null) {
            values.put(BASE, baseModel);
        }
        String body = "\n# " + title + "\n\nA " + Models.modelType(config) + " checkpoint in the form of "
                + (sentences ? "sentence-transformers" : "Hugging Face transformers") + ".\n";
        FrontMatter head = FrontMatter.of(body);
        head.set(values);
        return head.with(body);
    }
}
