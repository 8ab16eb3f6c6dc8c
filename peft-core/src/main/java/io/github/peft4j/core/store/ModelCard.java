package io.github.peft4j.core.store;

import io.github.peft4j.core.PeftConfig;
import io.github.peft4j.models.Anatomy;
import java.util.Locale;
import java.util.TreeSet;

/** The {@code README.md} of an adapter folder, with the front matter that Hugging Face's hub reads. */
final class ModelCard {

    private ModelCard() {}

    static String text(PeftConfig config, Anatomy anatomy) {
        String base = config.common().baseModel();
        TreeSet<String> tags = new TreeSet<>();
        tags.add("transformers");
        tags.add(config.peftType().toLowerCase(Locale.ROOT));
        StringBuilder card = new StringBuilder("---\n");
        if (base != null) {
            card.append("base_model: ").append(base).append('\n');
            tags.add("base_model:adapter:" + base);
        }
        card.append("library_name: peft\npipeline_tag: text-generation\ntags:\n");
        tags.forEach(tag -> card.append("- ").append(tag).append('\n'));
        card.append("---\n\nA ")
                .append(config.peftType())
                .append(" adapter for a ")
                .append(anatomy.className());
        card.append(" checkpoint.\n\n### Framework versions\n\n- PEFT ")
                .append(config.common().peftVersion())
                .append('\n');
        return card.toString();
    }
}
