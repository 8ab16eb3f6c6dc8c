package io.github.peft4j.core.internal.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The {@code README.md} of an adapter folder, whose head the model hub reads. As {@code create_or_update_model_card} in
 * {@code peft/peft_model.py}: what a person wrote stays, and the keys that say what the folder is are brought up to date.
 *
 * @param peftType the method
 * @param className Hugging Face's class of the base model
 * @param baseModel its name or folder, or null
 * @param causal whether the adapter was made for causal language modelling, so that the hub may offer to generate text
 * @param peftVersion the version of Hugging Face PEFT whose files these are
 */
public record ModelCard(
        String peftType, String className, @Nullable String baseModel, boolean causal, String peftVersion) {

    private static final String VERSIONS = "### Framework versions";

    /** The text of a new card. */
    public String create() {
        String body = "\n# " + peftType + " adapter for " + (baseModel == null ? className : baseModel) + "\n\nA "
                + peftType + " adapter for a " + className
                + ". Load it with Hugging Face PEFT or peft4j on top of the base model.\n";
        return update(body);
    }

    /** The text of a card that exists, brought up to date. */
    public String update(String markdown) {
        FrontMatter head = FrontMatter.of(markdown);
        Map<String, Object> values = new TreeMap<>();
        values.put("library_name", "peft");
        values.put("tags", tags());
        if (baseModel != null) {
            values.put("base_model", baseModel);
        }
        if (causal && !head.has("pipeline_tag")) {
            values.put("pipeline_tag", "text-generation");
        }
        head.set(values);
        return head.with(withVersion(head.text()));
    }

    private TreeSet<String> tags() {
        TreeSet<String> tags = new TreeSet<>(List.of("transformers"));
        if (peftType.equals("LORA")) {
            tags.add("lora");
        }
        if (baseModel != null) {
            tags.add("base_model:adapter:" + baseModel);
        }
        return tags;
    }

    private String withVersion(String body) {
        List<String> lines = new ArrayList<>(body.lines().toList());
        String version = "- PEFT " + peftVersion;
        int heading = lines.indexOf(VERSIONS);
        if (!lines.contains(version) && heading >= 0) {
            lines.add(Math.min(heading + 2, lines.size()), version);
        } else if (!lines.contains(version)) {
            lines.addAll(List.of(VERSIONS, "", version));
        }
        return String.join("\n", lines);
    }
}
