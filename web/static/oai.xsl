<?xml version="1.0" encoding="UTF-8"?>
<!-- Makes a page of an answer of OAI-PMH for a person who opens it in a browser. -->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:o="http://www.openarchives.org/OAI/2.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    exclude-result-prefixes="o dc">
  <xsl:output method="html" encoding="UTF-8" indent="no"/>
  <xsl:variable name="verb" select="string(/o:OAI-PMH/o:request/@verb)"/>
  <xsl:variable name="asked" select="string(/o:OAI-PMH/o:request/@metadataPrefix)"/>
  <xsl:variable name="prefix">
    <xsl:choose>
      <xsl:when test="$asked"><xsl:value-of select="$asked"/></xsl:when>
      <xsl:otherwise>oai_dc</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>

  <xsl:template match="/o:OAI-PMH">
    <html lang="en">
      <head>
        <title>OAI-PMH: <xsl:value-of select="$verb"/></title>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="robots" content="noindex"/>
        <link rel="stylesheet" href="/static/oai.css"/>
      </head>
      <body>
        <h1>For harvesters: OAI-PMH 2.0</h1>
        <p>Other libraries take our records from this address by program. This page shows what they get.
          Looking for stories? <a href="/">Go to the library</a>.</p>
        <nav aria-label="Questions">
          <ul>
            <li><a href="?verb=Identify">Identify</a></li>
            <li><a href="?verb=ListMetadataFormats">ListMetadataFormats</a></li>
            <li><a href="?verb=ListSets">ListSets</a></li>
            <li><a href="?verb=ListIdentifiers&amp;metadataPrefix=oai_dc">ListIdentifiers</a></li>
            <li><a href="?verb=ListRecords&amp;metadataPrefix=oai_dc">ListRecords</a></li>
          </ul>
        </nav>
        <main>
          <p class="quiet">Answered <xsl:value-of select="o:responseDate"/>
            by <xsl:value-of select="o:request"/></p>
          <xsl:apply-templates select="o:error"/>
          <xsl:apply-templates select="*[not(self::o:responseDate or self::o:request or self::o:error)]"/>
          <xsl:apply-templates select="*/o:resumptionToken"/>
        </main>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="o:error">
    <div class="error"><h2><xsl:value-of select="@code"/></h2><p><xsl:value-of select="."/></p></div>
  </xsl:template>

  <xsl:template match="o:Identify">
    <h2><xsl:value-of select="o:repositoryName"/></h2>
    <dl><xsl:for-each select="*[not(self::o:description)]"><xsl:call-template name="said"/></xsl:for-each></dl>
  </xsl:template>

  <xsl:template match="o:ListMetadataFormats">
    <xsl:for-each select="o:metadataFormat">
      <h2><xsl:value-of select="o:metadataPrefix"/></h2>
      <p><a href="?verb=ListRecords&amp;metadataPrefix={o:metadataPrefix}">Records in this form</a></p>
      <dl><xsl:for-each select="*"><xsl:call-template name="said"/></xsl:for-each></dl>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="o:ListSets">
    <dl>
      <xsl:for-each select="o:set">
        <dt><a href="?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={o:setSpec}"><xsl:value-of select="o:setSpec"/></a></dt>
        <dd><xsl:value-of select="o:setName"/></dd>
      </xsl:for-each>
    </dl>
  </xsl:template>

  <xsl:template match="o:ListIdentifiers"><xsl:apply-templates select="o:header"/></xsl:template>
  <xsl:template match="o:ListRecords | o:GetRecord"><xsl:apply-templates select="o:record"/></xsl:template>

  <xsl:template match="o:record">
    <xsl:apply-templates select="o:header"/>
    <dl><xsl:for-each select="o:metadata//*[not(*)]"><xsl:call-template name="said"/></xsl:for-each></dl>
  </xsl:template>

  <xsl:template match="o:header">
    <h2><a href="?verb=GetRecord&amp;metadataPrefix={$prefix}&amp;identifier={o:identifier}"><xsl:value-of select="o:identifier"/></a></h2>
    <p class="quiet"><xsl:value-of select="o:datestamp"/>
      <xsl:if test="@status = 'deleted'"> – taken back</xsl:if></p>
    <xsl:if test="o:setSpec">
      <ul class="sets">
        <xsl:for-each select="o:setSpec">
          <li><a href="?verb=ListRecords&amp;metadataPrefix={$prefix}&amp;set={.}"><xsl:value-of select="."/></a></li>
        </xsl:for-each>
      </ul>
    </xsl:if>
  </xsl:template>

  <xsl:template match="o:resumptionToken">
    <p>
      <xsl:value-of select="@completeListSize"/> in all.
      <xsl:if test="string(.)"><a href="?verb={$verb}&amp;resumptionToken={.}">The next ones</a></xsl:if>
    </p>
  </xsl:template>

  <xsl:template name="said">
    <dt><xsl:value-of select="local-name()"/></dt>
    <dd dir="auto">
      <xsl:if test="@xml:lang"><xsl:attribute name="lang"><xsl:value-of select="@xml:lang"/></xsl:attribute></xsl:if>
      <xsl:choose>
        <xsl:when test="starts-with(., 'https://') or starts-with(., 'http://')"><a href="{.}"><xsl:value-of select="."/></a></xsl:when>
        <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
      </xsl:choose>
    </dd>
  </xsl:template>
</xsl:stylesheet>
