<#-- The list of licences that license-maven-plugin writes: an artifact a line. -->
Third-party artifacts that peft4j runs with, and their licences. None of them is inside peft4j's own jars.

The libraries in ai.djl.pytorch:pytorch-native-cpu are PyTorch's (BSD-3-Clause, https://github.com/pytorch/pytorch/blob/main/LICENSE), with
libgomp (GPL-3.0 with the GCC Runtime Library Exception); those in ai.djl.huggingface:tokenizers are Hugging Face's (Apache-2.0). Of two licences
joined by "or" the user chooses.

<#list dependencyMap as entry>
<#assign artifact = entry.getKey()/>
${artifact.groupId}:${artifact.artifactId}:${artifact.version}: <#list entry.getValue() as licence>${licence}<#if licence_has_next> or </#if></#list>
</#list>
